"""Write a table of the paper as LaTeX, Markdown and CSV."""

from pathlib import Path

import pandas as pd

from rknet.show.tables.files import write
from rknet.show.tables.table import Table

params = snakemake.params  # noqa: F821
stem = Path(snakemake.output[0]).with_suffix("")  # noqa: F821
write(Table(**params.table), pd.read_csv(snakemake.input[0]), stem, params.lifts)  # noqa: F821
