"""Measure the features of trained runs layer by layer, and how alike pairs of runs are."""

from rknet.files import write_text
from rknet.study.measuring import measure
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files, out = job.input, job.output
    layers, pairs = measure(zip(files.records, files.networks, files.datasets, strict=True))
    for frame, file in ((layers, out.layers), (pairs, out.pairs)):
        write_text(file, frame.to_csv(index=False, lineterminator="\n"))
