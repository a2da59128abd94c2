"""Write the verdict in short, which opens the report."""

import pandas as pd

from rknet.files import write_text
from rknet.show.pages.verdict import opening
from rknet.study.publication import Publication

files, params = snakemake.input, snakemake.params  # noqa: F821
frames = [pd.read_csv(path) for path in (files.comparison, files.published, files.claims)]
text = opening(params.about, *frames, Publication(**params.publication))
write_text(snakemake.output[0], text)  # noqa: F821
