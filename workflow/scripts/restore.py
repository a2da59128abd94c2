"""Take a run from the archive."""

from pathlib import Path

from rknet.study.archive.entries import restore
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    archive = Path(job.scriptdir).resolve().parents[1] / "archive"
    folder, code = Path(job.output.record).parent, job.params.code["digest"]
    restore(archive / job.wildcards.run, folder, code, *job.input)
