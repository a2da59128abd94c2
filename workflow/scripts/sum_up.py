"""Sum up the reproduction; the workflow prints this when it ends."""

import pandas as pd

from rknet.files import write_text
from rknet.study.comparison import summary_text
from rknet.study.publication import Publication
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files, params = job.input, job.params
    summary = summary_text(
        pd.read_csv(files.comparison),
        pd.read_csv(files.published),
        pd.concat([pd.read_csv(path) for path in files.metrics]),
        Publication(**params.publication),
        params.results,
        params.tables,
        pd.read_csv(files.claims),
    )
    write_text(job.output[0], summary)
