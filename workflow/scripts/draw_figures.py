"""Draw figures of the paper."""

from pathlib import Path

from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import Figure, Files
from rknet.show.figures.style import save
from rknet.study.publication import Publication
from rknet.study.recording import record_each


def draw_one(inputs, outputs, figure, publication=None):
    """Draw one of them."""
    more = {"publication": Publication(**publication)} if publication else {}
    save(draw(Figure(**figure), Files(**inputs), **more), Path(outputs[0]).with_suffix(""))


record_each(snakemake, draw_one)
