"""Take a run from the archive."""

from pathlib import Path

from rknet.study.archive.entries import restore
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    archive = Path(job.scriptdir).resolve().parents[1] / "archive"
    restore(archive / job.wildcards.run, Path(job.output.record).parent, *job.input)
