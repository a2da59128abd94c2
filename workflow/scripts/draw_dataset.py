"""Draw a dataset."""

from rknet import datasets
from rknet.datasets.image_files import places
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    dataset = datasets.defined(job.wildcards.dataset, job.params.definition)
    seed, sources = int(job.wildcards.seed), places(job.config)
    datasets.save(job.output[0], datasets.drawn(dataset, seed, sources))
