"""Draw the curves of an experiment."""

from pathlib import Path

import pandas as pd

from rknet.show.experiment.curves import draw_curves
from rknet.show.figures.style import save
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    save(draw_curves(pd.read_csv(job.input[0])), Path(job.output[0]).with_suffix(""))
