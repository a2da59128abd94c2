"""Draw a figure of the paper."""

from pathlib import Path

from rknet.show.figures.drawing import Files, draw
from rknet.show.figures.specification import FIGURES
from rknet.show.figures.style import save
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files = Files(*(list(job.input[name]) for name in Files._fields))
    save(draw(FIGURES[job.wildcards.figure], files), Path(job.output[0]).with_suffix(""))
