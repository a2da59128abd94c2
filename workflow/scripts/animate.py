"""Animate a run: its features from layer to layer."""

from rknet.figures.animation import film, save
from rknet.figures.style import styled
from rknet.figures.trained import read

files = snakemake.input  # noqa: F821
with styled():
    trained = read(files.record, files.parameters, files.dataset)
    save(film(snakemake.wildcards.motion, trained), snakemake.output)  # noqa: F821
