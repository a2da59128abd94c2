"""Compare the runs with the published numbers, and sum the reproduction up."""

import pandas as pd

from rknet.comparison import compare, summary_text
from rknet.files import write_text

published = pd.read_csv(snakemake.input.published)  # noqa: F821
metrics = pd.concat([pd.read_csv(path) for path in snakemake.input.metrics])  # noqa: F821
comparison = compare(published, metrics)
text = comparison.to_csv(index=False, lineterminator="\n")
write_text(snakemake.output.comparison, text)  # noqa: F821
params = snakemake.params  # noqa: F821
summary = summary_text(comparison, published, metrics, params.results, params.tables)
write_text(snakemake.output.summary, summary)  # noqa: F821
