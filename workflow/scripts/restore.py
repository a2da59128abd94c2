"""Take the runs of a cell from the archive."""

from itertools import zip_longest
from pathlib import Path

from rknet.study.archive.entries import restore
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    archive = Path(job.scriptdir).resolve().parents[1] / "archive"
    runs = Path(job.config["results"], "runs")
    # Those of images have no datasets.
    for record, dataset in zip_longest(job.output.record, job.input):
        folder = Path(record).parent
        restore(archive / folder.relative_to(runs), folder, job.params.code["digest"], dataset)
