"""Draw figures of the paper."""

from rknet.show.figures.drawing import draw_to_files
from rknet.study.recording import record_each

record_each(snakemake, draw_to_files)
