"""Draw accuracy over depth, reproduced and published."""

from pathlib import Path

import pandas as pd

from rknet.show.figures.accuracy_over_depth import draw
from rknet.show.figures.style import save, styled
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    with styled():
        figure = draw(pd.read_csv(job.input.metrics), pd.read_csv(job.input.published))
    save(figure, Path(job.output[0]).with_suffix(""))
