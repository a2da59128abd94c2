"""Sum the reproduction up, for its end."""

import pandas as pd

from rknet.files import write_text
from rknet.study.comparison import summary_text
from rknet.study.publication import Publication

files, params = snakemake.input, snakemake.params  # noqa: F821
summary = summary_text(
    pd.read_csv(files.comparison),
    pd.read_csv(files.published),
    pd.concat([pd.read_csv(path) for path in files.metrics]),
    Publication(**params.publication),
    params.results,
    params.tables,
    pd.read_csv(files.claims),
)
write_text(snakemake.output[0], summary)  # noqa: F821
