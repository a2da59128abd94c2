"""Reading records: what a result was made of, and checksums of its files.

A record is written last. It holds checksums of its own content and of the files that it is about.
Code that reads a file of a run checks it first, so that a damaged file never becomes a number in a
table.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rknet.files import file_hash

_REMEDY = "delete its folder, and the same command repeats the run"
_JOB_REMEDY = "delete it and the file that it is about, and the same command makes both again"


def read_record(path: str | Path) -> dict[str, Any]:
    """Read the record of a run, or of another job.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it is not as `rknet.study.recording` wrote it; the message names it.
    """
    is_run = Path(path).name == "run.json"
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
        if record.pop("sha256") != digest(record):
            raise ValueError("its content does not have the checksum that it gives")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what, remedy = ("a run", _REMEDY) if is_run else ("a result", _JOB_REMEDY)
        raise ValueError(f"{path} is no record of {what} ({error!r}); {remedy}") from error
    return record


def is_made_of(path: Path, setting: Mapping[str, Any], code: str, dataset: Path) -> bool:
    """Whether a run has all its files, and its record says that it was made of just this.

    Parameters
    ----------
    path : Path
        ``run.json``.
    setting : mapping
        As `Configuration.setting` gives it.
    code : str
        The digest of the code that trains it.
    dataset : Path
        Its dataset file, whose name says what the dataset is.
    """
    try:
        record = read_record(path)
    except (OSError, ValueError):
        return False
    return (
        record.get("setting") == json.loads(json.dumps(setting))
        and (record.get("code") or {}).get("digest") == code
        and Path(record.get("dataset_file", "")).name == dataset.name
        and all(path.with_name(name).is_file() for name in record["files_sha256"])
    )


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


def job_records(results: str | Path) -> Iterator[tuple[Path, dict[str, Any] | ValueError]]:
    """The record of every job but runs, or what is wrong with it, by its file.

    Parameters
    ----------
    results : str or Path
        The folder of the results.
    """
    for path in sorted(Path(results, "records").rglob("*.json")):
        try:
            yield path, read_record(path)
        except ValueError as error:
            yield path, error


def within(path: str | Path, results: str | Path) -> str:
    """A path as records have it: of a result, from the folder of the results."""
    name = inside(path, results)
    return str(path) if name is None else name


def inside(path: str | Path, results: str | Path) -> str | None:
    """The name of a result, from the folder of the results, however its path is written.

    The path may have ``..`` in it, and either of the two may be written through a link to a folder.

    Returns
    -------
    str or None
        None if the path is not in that folder.
    """
    written, folder = (Path(os.path.normpath(Path(p).absolute())) for p in (path, results))
    # Without ".." as it stands there, then without links: the file itself may well be one.
    for place in (written, Path(path).parent.resolve() / Path(path).name):
        for around in (folder, Path(results).resolve()):
            if place.is_relative_to(around):
                return str(place.relative_to(around))
    return None


def located(name: str, results: str | Path) -> Path:
    """Where a path that a record has is now."""
    path = Path(results, name)
    return path if path.exists() or not Path(name).exists() else Path(name)


def digest(record: Mapping[str, Any]) -> str:
    """The checksum of a record's content."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
