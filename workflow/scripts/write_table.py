"""Write a table of the paper as LaTeX, Markdown and CSV."""

from pathlib import Path

import pandas as pd

from rknet.show.tables.files import write
from rknet.show.tables.table import Table
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    params = job.params
    stem = Path(job.output[0]).with_suffix("")
    write(Table(**params.table), pd.read_csv(job.input[0]), stem, params.lifts)
