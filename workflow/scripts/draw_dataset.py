"""Draw a dataset."""

from rknet import datasets

name, seed = snakemake.wildcards.dataset, int(snakemake.wildcards.seed)  # noqa: F821
dataset = datasets.defined(name, snakemake.params.definition)  # noqa: F821
sources = snakemake.config["images"]  # noqa: F821
datasets.save(snakemake.output[0], datasets.drawn(dataset, seed, sources))  # noqa: F821
