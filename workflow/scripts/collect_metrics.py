"""Collect the records of an experiment's runs into a tidy table, and another of what they cost."""

from rknet.files import write_text
from rknet.study.frames import collect, costs
from rknet.study.recording import recorded
from rknet.study.records import read_record

with recorded(snakemake) as job:
    records = [read_record(path) for path in job.input.records]
    for path, tidy in ((job.output.metrics, collect), (job.output.costs, costs)):
        write_text(path, tidy(records).to_csv(index=False, lineterminator="\n"))
