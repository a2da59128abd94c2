"""Write the table of an experiment as LaTeX, Markdown and CSV."""

from pathlib import Path

import pandas as pd

from rknet.show.experiment.table import write_table

stem = Path(snakemake.output[0]).with_suffix("")  # noqa: F821
write_table(snakemake.wildcards.experiment, pd.read_csv(snakemake.input[0]), stem)  # noqa: F821
