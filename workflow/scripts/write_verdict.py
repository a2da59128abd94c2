"""Write the short verdict that opens the report."""

import pandas as pd

from rknet.files import write_text
from rknet.show.pages.verdict import opening
from rknet.study.publication import Publication
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files, params = job.input, job.params
    frames = [pd.read_csv(path) for path in (files.comparison, files.published, files.claims)]
    text = opening(params.about, *frames, Publication(**params.publication))
    write_text(job.output[0], text)
