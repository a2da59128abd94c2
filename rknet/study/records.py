"""The record of a run, ``run.json``: what made it, how it ended, and checksums of its files.

It is written last, and says of itself and of the other files of its folder what their content must
be. Whoever reads one of them checks it first: a damaged file is never a number in a table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rknet.files import write_json
from rknet.hashes import file_hash
from rknet.study.rescue import keep

_REMEDY = "delete its folder, and the same command repeats the run"


def write_record(path: str | Path, record: Mapping[str, Any], files: Iterable[str | Path]) -> None:
    """Write the record of a run whose other files are there, and keep them all.

    Parameters
    ----------
    path : str or Path
        ``run.json``.
    record : mapping
        Plain values.
    files : iterable of str or Path
        The run's other files, in the same folder.
    """
    path, files = Path(path), [Path(file) for file in files]
    record = {**record, "files_sha256": {file.name: file_hash(file) for file in files}}
    write_json(path, {**record, "sha256": _digest(record)})
    keep(path, files)


def read_record(path: str | Path) -> dict[str, Any]:
    """Read the record of a run.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it is not as `write_record` wrote it; the message names it.
    """
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
        if record.pop("sha256") != _digest(record):
            raise ValueError("its content does not have the checksum that it gives")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no record of a run ({error!r}); {_REMEDY}") from error
    return record


def checked(record: Mapping[str, Any], path: str | Path) -> Path:
    """Give `path`, a file of a run, after a look at its checksum.

    Parameters
    ----------
    record : mapping
        The run's, as `read_record` reads it.
    path : str or Path
        A file of the run's folder.

    Raises
    ------
    FileNotFoundError
        If it is missing.
    ValueError
        If its content is not what the run wrote; the message names it.
    """
    path = Path(path)
    expected, found = record["files_sha256"].get(path.name), file_hash(path)
    if found != expected:
        raise ValueError(
            f"{path} is not what the run wrote (SHA-256 {found}; its record says {expected}): it "
            f"is damaged, or was changed; {_REMEDY}"
        )
    return path


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
