"""Draw a figure of the paper."""

from pathlib import Path

from rknet.show.figures.drawing import Files, draw
from rknet.show.figures.specification import FIGURES
from rknet.show.figures.style import save

figure = FIGURES[snakemake.wildcards.figure]  # noqa: F821
files = Files(*(list(snakemake.input[name]) for name in Files._fields))  # noqa: F821
save(draw(figure, files), Path(snakemake.output[0]).with_suffix(""))  # noqa: F821
