"""Write the table of an experiment as LaTeX, Markdown and CSV."""

from pathlib import Path

import pandas as pd

from rknet.show.experiment.table import write_table
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    metrics = pd.read_csv(job.input[0])
    write_table(job.wildcards.experiment, metrics, Path(job.output[0]).with_suffix(""))
