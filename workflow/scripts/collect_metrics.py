"""Collect the records of an experiment's runs into a tidy table."""

from rknet.files import write_text
from rknet.study.frames import collect
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    frame = collect(job.input.records)
    write_text(job.output[0], frame.to_csv(index=False, lineterminator="\n"))
