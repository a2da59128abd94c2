"""Draw the comparison of published with reproduced numbers."""

from pathlib import Path

import pandas as pd

from rknet.show.figures.style import save, styled
from rknet.show.figures.verdicts import draw

with styled():
    figure = draw(pd.read_csv(snakemake.input[0]))  # noqa: F821
save(figure, Path(snakemake.output[0]).with_suffix(""))  # noqa: F821
