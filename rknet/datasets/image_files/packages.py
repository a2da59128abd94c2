"""Letting a package manager fetch an archive: it knows the user's registry and its password."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

#: Seconds in which it must have the whole package.
_LIMIT = 600


def fetched(name: str, command: Sequence[str], archives: str, folder: Path, errors: str) -> Path:
    """The archive that a package manager's command puts into a folder.

    Parameters
    ----------
    name : str
        The manager's, for messages.
    command : sequence of str
    archives : str
        A pattern for the names of archives.
    folder : Path
        Empty before.
    errors : str
        A regular expression for what it says of an error.

    Raises
    ------
    OSError
        If it fails, or takes too long; the message has the first two errors.
    """
    try:
        # No shell, and the schema of the config allows only names of packages.
        done = subprocess.run(  # noqa: S603
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=_LIMIT,
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{name} took more than {_LIMIT} seconds") from error
    found = list(folder.glob(archives))
    if done.returncode or not found:
        said = re.findall(errors, done.stderr, re.M)[:2]
        raise OSError(f"{name} failed: {'; '.join(said) or f'exit status {done.returncode}'}")
    return found[0]
