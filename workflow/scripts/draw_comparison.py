"""Draw the comparison of published with reproduced numbers."""

from pathlib import Path

import pandas as pd

from rknet.show.figures.style import save, styled
from rknet.show.figures.verdicts import draw
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    with styled():
        figure = draw(pd.read_csv(job.input[0]))
    save(figure, Path(job.output[0]).with_suffix(""))
