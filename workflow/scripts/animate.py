"""Animate a run: its features from layer to layer."""

from rknet.show.figures.animation import film, save
from rknet.show.figures.style import styled
from rknet.show.figures.trained import read
from rknet.study.recording import recorded

with recorded(snakemake) as job, styled():
    trained = read(job.input.record, job.input.parameters, job.input.dataset)
    save(film(job.wildcards.motion, trained), job.output)
