"""Finished runs, kept until the workflow ends.

If one job of a group fails, Snakemake takes all of the group for failed and removes what they have
made. So a run's files are linked aside when it is finished, which takes no room, and put back when
the workflow ends without them.
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
    Where a file system has no links, or no room for a folder, nothing is kept.
    """
    discard(record)
    aside = record.with_name(_ASIDE)
    with suppress(OSError):
        aside.mkdir()
        # The record comes last, and says that all others are there.
        for path in (*files, record):
            os.link(path, aside / path.name)


def put_back(record: Path) -> bool:
    """Put the files of a run that are kept back if it has no record, and say whether it was so."""
    aside = record.with_name(_ASIDE)
    if record.exists() or not (aside / record.name).exists():
        return False
    for path in sorted(aside.iterdir(), key=lambda path: path.name == record.name):
        path.replace(record.with_name(path.name))
    return True


def discard(record: Path) -> None:
    """Keep the files of a run no longer; those in its own folder stay."""
    shutil.rmtree(record.with_name(_ASIDE), ignore_errors=True)
