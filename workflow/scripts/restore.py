"""Take the runs of a cell from the archive."""

from itertools import zip_longest
from pathlib import Path

from rknet.study.archive.entries import restore
from rknet.study.recording import errors_in, make_each, recorded

with recorded(snakemake) as job, errors_in(job.log[0]):
    archive = Path(job.scriptdir).resolve().parents[1] / "archive"
    runs = Path(job.config["results"], "runs")

    def take(run):
        folder, dataset = Path(run[0]).parent, run[1]
        restore(archive / folder.relative_to(runs), folder, job.params.code["digest"], dataset)

    # Those of images have no datasets.
    make_each(take, list(zip_longest(job.output.record, job.input)))
