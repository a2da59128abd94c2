"""Write the verdict in short, which opens the report."""

import pandas as pd

from rknet.files import write_text
from rknet.show.pages.verdict import in_short

files = snakemake.input  # noqa: F821
frames = [pd.read_csv(path) for path in (files.comparison, files.published, files.claims)]
write_text(snakemake.output[0], in_short(*frames))  # noqa: F821
