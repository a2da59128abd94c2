"""Draw a dataset."""

from rknet import datasets
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    dataset = datasets.defined(job.wildcards.dataset, job.params.definition)
    seed, sources = int(job.wildcards.seed), job.config["images"]
    datasets.save(job.output[0], datasets.drawn(dataset, seed, sources))
