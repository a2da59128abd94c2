"""Write the page of an experiment."""

import pandas as pd

from rknet.files import write_text
from rknet.show.experiment.page import experiment_page

metrics = pd.read_csv(snakemake.input.metrics)  # noqa: F821
name, picture = snakemake.wildcards.experiment, snakemake.input.picture  # noqa: F821
write_text(snakemake.output[0], experiment_page(name, metrics, picture))  # noqa: F821
