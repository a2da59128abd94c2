"""Write the table and the page of an experiment, and draw its curves."""

from pathlib import Path

import pandas as pd

from rknet.files import write_text
from rknet.show.experiment.curves import draw_curves
from rknet.show.experiment.page import experiment_page
from rknet.show.experiment.table import write_table
from rknet.show.figures.style import save
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    name, files, out = job.wildcards.experiment, job.input, job.output
    metrics = pd.read_csv(files.metrics)
    write_table(name, metrics, Path(out.table[0]).with_suffix(""))
    costs, curves = pd.read_csv(files.costs), pd.read_csv(files.curves)
    save(draw_curves(curves), Path(out.picture).with_suffix(""))
    write_text(out.page, experiment_page(name, metrics, costs, curves, out.picture))
