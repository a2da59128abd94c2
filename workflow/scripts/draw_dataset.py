"""Draw a point dataset."""

from rknet import datasets
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    name, seed = job.wildcards.dataset, int(job.wildcards.seed)
    datasets.save(job.output[0], datasets.draw(name, seed))
