"""Write the verdict in short, which opens the report."""

import pandas as pd

from rknet.files import write_text
from rknet.show.pages.verdict import in_short
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files = job.input
    frames = [pd.read_csv(path) for path in (files.comparison, files.published, files.claims)]
    write_text(job.output[0], in_short(*frames))
