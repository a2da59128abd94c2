"""Draw a point dataset."""

from rknet import datasets

name, seed = snakemake.wildcards.dataset, int(snakemake.wildcards.seed)  # noqa: F821
datasets.save(snakemake.output[0], datasets.draw(name, seed))  # noqa: F821
