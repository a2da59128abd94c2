"""Draw accuracy over depth, reproduced and published."""

from pathlib import Path

import pandas as pd

from rknet.show.figures.accuracy_over_depth import draw
from rknet.show.figures.style import save, styled

metrics = pd.read_csv(snakemake.input.metrics)  # noqa: F821
published = pd.read_csv(snakemake.input.published)  # noqa: F821
with styled():
    figure = draw(metrics, published)
save(figure, Path(snakemake.output[0]).with_suffix(""))  # noqa: F821
