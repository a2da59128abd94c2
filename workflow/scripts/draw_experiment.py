"""Draw the curves of an experiment."""

from pathlib import Path

import pandas as pd

from rknet.show.experiment.curves import draw_curves
from rknet.show.figures.style import save

stem = Path(snakemake.output[0]).with_suffix("")  # noqa: F821
save(draw_curves(pd.read_csv(snakemake.input[0])), stem)  # noqa: F821
