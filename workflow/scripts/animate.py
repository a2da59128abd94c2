"""Animate a run: its features from layer to layer."""

from rknet.show.figures.animation import film, save
from rknet.show.figures.style import styled
from rknet.show.figures.trained import read

files = snakemake.input  # noqa: F821
with styled():
    trained = read(files.record, files.parameters, files.dataset)
    save(film(snakemake.wildcards.motion, trained), snakemake.output)  # noqa: F821
