"""Collect the records of an experiment's runs into a tidy table."""

from rknet.files import write_text
from rknet.study.frames import collect

frame = collect(snakemake.input.records)  # noqa: F821
write_text(snakemake.output[0], frame.to_csv(index=False, lineterminator="\n"))  # noqa: F821
