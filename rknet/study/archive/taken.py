"""Which archived runs are taken instead of training, and which runs were.

This module is light to import, because the workflow asks it of every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rknet.study.records import is_made_of, read_record

#: What the record of an archived run has in addition.
KEY = "archived"


def is_usable(
    entry: str | Path, setting: Mapping[str, Any], code: str, dataset: Path, older: bool
) -> bool:
    """Whether an archived run can stand for one that would be trained now.

    Parameters
    ----------
    entry : str or Path
        The folder of the archived run, if there is one.
    setting, code, dataset
        As `is_made_of` takes them.
    older : bool
        Whether it may be of other code.
    """
    record = Path(entry, "run.json")
    try:
        own = (read_record(record).get("code") or {}).get("digest", "") if older else code
    except (OSError, ValueError):
        return False
    return is_made_of(record, setting, own, dataset)


def is_taken(entry: str | Path, path: str | Path, code: str) -> bool:
    """Whether a run was taken from the archive, and all its files are there, as they are in it now.

    Parameters
    ----------
    entry : str or Path
        The folder of the archived run.
    path : str or Path
        The run's ``run.json``.
    code : str
        The digest of the code that would train it now, which the archived run may be older than.
    """
    try:
        kept, taken = read_record(Path(entry, "run.json")), read_record(Path(path))
    except (OSError, ValueError):
        return False
    if not kept.get(KEY):
        return False
    return taken == as_taken(kept, code) and all(
        Path(path).with_name(name).is_file() for name in taken["files_sha256"]
    )


def as_taken(kept: Mapping[str, Any], code: str) -> dict[str, Any]:
    """The record of an archived run when it is taken: it says whether the run is of older code."""
    older = (kept.get("code") or {}).get("digest") != code
    return {**kept, KEY: {**kept[KEY], "older": older}}


def origin(record: Mapping[str, Any]) -> str:
    """Where an archived run was trained, in words; empty for a run that was trained here."""
    if KEY not in record:
        return ""
    return f"{machine(record)}{', by older code' if record[KEY].get('older') else ''}"


def machine(record: Mapping[str, Any]) -> str:
    """The machine that trained a run, in words."""
    hardware = record["hardware"]
    return ", ".join([*hardware["gpus"], hardware["processor"]])


def training_seconds(record: Mapping[str, Any]) -> float:
    """How long a run took to train, without what it may have waited for other programs."""
    return min(of_all_epochs(record, clock) for clock in ("wall_time_seconds", "cpu_time_seconds"))


def of_all_epochs(record: Mapping[str, Any], clock: str) -> float:
    """The time of a run by a clock of its record; if it was resumed, from the epochs since then."""
    seconds, epochs = record[clock], record["last_epoch"]
    timed = epochs - (record.get("resumed_after_epoch") or 0)
    return seconds * epochs / timed if timed else seconds


def with_count(caption: str, archived: Iterable[bool]) -> str:
    """A caption, with a sentence that counts the archived runs, if there are any.

    Parameters
    ----------
    caption : str
    archived : iterable of bool
        Of each run that is shown, whether it is archived.
    """
    runs = list(archived)
    if not any(runs):
        return caption
    return f"{caption} {counted(sum(runs), len(runs))} from the archive."


def counted(taken: int, runs: int) -> str:
    """So many of so many runs are."""
    if runs == 1:
        return "The run is"
    return f"{taken} of {runs} runs {'is' if taken == 1 else 'are'}"


def comes_from_archive(path: str | Path) -> bool:
    """Whether a run, by its ``run.json``, is there and was taken from the archive."""
    try:
        return KEY in read_record(path)
    except (OSError, ValueError):
        return False
