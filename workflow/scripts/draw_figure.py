"""Draw a figure of the paper."""

from pathlib import Path

from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import Figure, Files
from rknet.show.figures.style import save
from rknet.study.publication import Publication

params = snakemake.params  # noqa: F821
files = Files(**{name: list(paths) for name, paths in snakemake.input.items()})  # noqa: F821
more = {"publication": Publication(**params.publication)} if params.publication else {}
picture = draw(Figure(**params.figure), files, **more)
save(picture, Path(snakemake.output[0]).with_suffix(""))  # noqa: F821
