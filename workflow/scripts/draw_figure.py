"""Draw a figure of the paper."""

from pathlib import Path

from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import Figure, Files
from rknet.show.figures.style import save
from rknet.study.publication import Publication
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    params = job.params
    files = Files(**{name: list(paths) for name, paths in job.input.items()})
    more = {"publication": Publication(**params.publication)} if params.publication else {}
    picture = draw(Figure(**params.figure), files, **more)
    save(picture, Path(job.output[0]).with_suffix(""))
