"""Write a table of the paper as LaTeX, Markdown and CSV."""

from pathlib import Path

import pandas as pd

from rknet.show.tables.files import write
from rknet.show.tables.specification import TABLES
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    table, metrics = TABLES[job.wildcards.table], pd.read_csv(job.input[0])
    write(table, metrics, Path(job.output[0]).with_suffix(""))
