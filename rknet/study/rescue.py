"""Keeps finished runs until the workflow ends.

If one job of a group fails, Snakemake counts the whole group as failed and removes its files. So
when a run is finished, its files are also linked elsewhere, which takes no room. If they are
missing when the workflow ends, they are put back.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_ASIDE = ".kept"


def keep(record: Path, files: Iterable[Path]) -> None:
    """Keep the files of a finished run.

    Parameters
    ----------
    record : Path
        Its ``run.json``.
    files : iterable of Path
        Its other files, in the same folder.

    Notes
    -----
    If the file system has no links, or no room for a folder, nothing is kept.
    """
    discard(record)
    aside = record.with_name(_ASIDE)
    with suppress(OSError):
        aside.mkdir()
        # The record comes last: if it exists, all other files exist.
        for path in (*files, record):
            os.link(path, aside / path.name)


def put_back(record: Path) -> bool:
    """Put back the kept files of a run if it has no record; return whether that was the case."""
    aside = record.with_name(_ASIDE)
    if record.exists() or not (aside / record.name).exists():
        return False
    for path in sorted(aside.iterdir(), key=lambda path: path.name == record.name):
        path.replace(record.with_name(path.name))
    return True


def discard(record: Path) -> None:
    """Remove the kept links to the files of a run; the files in its own folder stay."""
    shutil.rmtree(record.with_name(_ASIDE), ignore_errors=True)
