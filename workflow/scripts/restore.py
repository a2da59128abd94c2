"""Take the runs of a cell from the archive."""

from itertools import zip_longest
from pathlib import Path

from rknet.study.archive.entries import restore
from rknet.study.recording import errors_in, make_each, recorded

with recorded(snakemake) as job, errors_in(job.log[0]):
    archive = Path(job.scriptdir).resolve().parents[1] / "archive"
    runs = Path(job.config["results"], "runs")
    folders, code = [Path(record).parent for record in job.output.record], job.params.code["digest"]
    make_each(
        lambda run: restore(archive / run[0].relative_to(runs), run[0], code, run[1]),
        # Those of images have no datasets.
        list(zip_longest(folders, job.input)),
    )
