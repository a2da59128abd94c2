"""Measure size and spread of the features of trained runs, layer by layer."""

from rknet.files import write_text
from rknet.study.features import measure

files = snakemake.input  # noqa: F821
frame = measure(zip(files.records, files.parameters, files.datasets, strict=True))
write_text(snakemake.output[0], frame.to_csv(index=False, lineterminator="\n"))  # noqa: F821
