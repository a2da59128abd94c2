"""Collect the records of an experiment's runs into a tidy table, and another of what they cost."""

from rknet.files import write_text
from rknet.study.frames import collect, costs
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    for path, read in ((job.output.metrics, collect), (job.output.costs, costs)):
        write_text(path, read(job.input.records).to_csv(index=False, lineterminator="\n"))
