"""Write the page of an experiment."""

import pandas as pd

from rknet.files import write_text
from rknet.show.experiment.page import experiment_page
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    name, metrics = job.wildcards.experiment, pd.read_csv(job.input.metrics)
    write_text(job.output[0], experiment_page(name, metrics, job.input.picture))
