"""Measure size and spread of the features of trained runs, layer by layer."""

from rknet.files import write_text
from rknet.study.features import measure
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files = job.input
    frame = measure(zip(files.records, files.parameters, files.datasets, strict=True))
    write_text(job.output[0], frame.to_csv(index=False, lineterminator="\n"))
