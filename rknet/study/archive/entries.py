"""Archived runs: how they are kept, read, checked, and given back.

An archived run is the folder of a run, with the same name and the same files, below the folder of
the archive instead of ``results/runs``. Two things differ. Of the features in ``outputs.npz`` only
their principal components are kept, which are what pictures show. And ``run.json`` has an entry
`KEY` more, which says so: with the checksums of the files as they were before, and of the record.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from rknet.cell import Cell
from rknet.engines.base import Metrics
from rknet.files import file_hash, replacing, write_json
from rknet.networks.base import defined
from rknet.study import outputs
from rknet.study.archive.taken import KEY, as_taken, machine, training_seconds
from rknet.study.grids import Run
from rknet.study.outputs import Outputs
from rknet.study.principal_axes import principal_axes
from rknet.study.records import checked, digest, read_record
from rknet.study.roots import run_digest

#: The number of the format that this module writes, and the one that it reads.
FORMAT = 1
#: The most bytes that an archived run has.
LARGEST = 60_000
#: As many components of the features are kept as pictures have axes.
COMPONENTS = 3
#: The file of a run of which less is kept.
REDUCED = "outputs.npz"
#: What to do about a damaged run.
REMEDY = (
    "`git checkout archive` brings back what git has. A run whose folder you delete is archived no "
    "longer: it can be trained, or archived or imported again."
)


class ArchiveError(ValueError):
    """Something is no archived run, or cannot become one; the message names it and says why."""


def path_of(record: Mapping[str, Any]) -> str:
    """The run's folder, from the folder of the archive.

    Raises
    ------
    ArchiveError
        If it would be elsewhere.
    """
    path = Run(Cell.of(record["setting"]), record["setting"]["seed"]).path
    if ".." in (parts := path.split("/")) or "" in parts or len(parts) != 4:
        raise ArchiveError(f"its record is that of {path}, which is no folder of an archive")
    return path


def entries(archive: str | Path) -> dict[str, dict[str, Any] | ValueError]:
    """The record of every archived run by its folder, or what is wrong with it."""
    found: dict[str, dict[str, Any] | ValueError] = {}
    for path in sorted(Path(archive).rglob("run.json")):
        try:
            record = read_record(path)
        except ValueError as error:
            record = error
        found[str(path.parent.relative_to(archive))] = record
    return found


def run_folders(folder: str | Path) -> list[Path]:
    """The folders of all runs in a folder, or the folder itself."""
    return sorted(path.parent for path in Path(folder).rglob("run.json"))


def add(folder: str | Path, archive: str | Path) -> str:
    """Archive a finished run, or take over a run that another archive has.

    Parameters
    ----------
    folder : str or Path
        The folder of the run, as the workflow has left it, or of an archived run.
    archive : str or Path

    Returns
    -------
    str
        What was done, in a few words.

    Raises
    ------
    ArchiveError
        If the run is damaged, too large, or would take the place of another one of the same code,
        or of the present code.
    OSError
        If it cannot be written; then, what was archived stays.
    """
    folder = Path(folder)
    with TemporaryDirectory() as scratch:
        new = Path(scratch)
        try:
            record = read_record(folder / "run.json")
            if record.get(KEY):
                check(folder)
                for path in _files(folder):
                    shutil.copyfile(path, new / path.name)
            else:
                _reduce(record, folder, new)
            path = path_of(record)
        except ArchiveError as error:
            raise _naming(folder, error) from None
        except (OSError, ValueError) as error:
            raise ArchiveError(str(error)) from None
        except (KeyError, TypeError, AttributeError) as error:
            raise ArchiveError(f"{folder} is no run of rknet ({error!r})") from None
        _refuse_large(new, folder)
        place = Path(archive, path)
        if (done := _compared(new, place)) == "":
            return f"{path} is archived already"
        _put(new, place)
        return f"{path} {done}, {_size(place)} bytes"


def _put(new: Path, place: Path) -> None:
    """Put files into the place of an archived run: all of them, or none if the disk is full."""
    with ExitStack() as stack:
        # What is entered first is renamed last: the record.
        for file in sorted(new.iterdir(), key=lambda file: file.name != "run.json"):
            shutil.copyfile(file, stack.enter_context(replacing(place / file.name)))
    names = {file.name for file in new.iterdir()}
    for other in (path for path in place.iterdir() if path.name not in names):
        shutil.rmtree(other) if other.is_dir() else other.unlink()


def _compared(new: Path, place: Path) -> str:
    """What becomes of the run that is archived: empty if it is the same."""
    try:
        old, now = (read_record(folder / "run.json") for folder in (place, new))
        check(place)
    except FileNotFoundError:
        return "archived"
    except ValueError:
        return "archived instead of one that is damaged"
    if old == now:
        return ""
    if (old.get("code"), old["dataset_sha256"]) != (now.get("code"), now["dataset_sha256"]):
        if _is_present(old) and not _is_present(now):
            raise ArchiveError(
                f"{place} is a run of the present code; this one is of other code, trained on "
                f"{machine(now)}. To archive it instead, delete that folder"
            )
        return "archived instead of one of other code"
    raise ArchiveError(
        f"{place} is a run of the same code, trained on {machine(old)}; this one was trained on "
        f"{machine(now)}. To archive it instead, delete that folder"
    )


def _is_present(record: Mapping[str, Any]) -> bool:
    """Whether the present code would train a run."""
    setting = record["setting"]
    try:
        code = run_digest(Cell.of(setting), defined(setting["network_definition"]))
    except (KeyError, ValueError):  # a kind that is not here
        return False
    return (record.get("code") or {}).get("digest") == code


def _reduce(record: dict[str, Any], folder: Path, new: Path) -> None:
    """Write into `new` what is archived of a run."""
    before = dict(record["files_sha256"])
    for name in before:
        checked(record, folder / name)
        if name != REDUCED:
            shutil.copyfile(folder / name, new / name)
    if REDUCED in before:
        whole = outputs.load(folder / REDUCED, _samples(record))
        outputs.save(new / REDUCED, Outputs(components(whole.features), whole.predicted))
    about = {"format": FORMAT, "record_sha256": digest(record), "files_sha256": before}
    kept = {
        **record,
        "files_sha256": {name: file_hash(new / name) for name in before},
        KEY: about,
    }
    write_json(new / "run.json", {**kept, "sha256": digest(kept)})


def components(features: np.ndarray) -> np.ndarray:
    """The first principal components of features, (samples, `COMPONENTS`).

    Those of a diverged run, which are not finite, are no numbers.
    """
    number = min(COMPONENTS, *features.shape)
    if not np.isfinite(features).all():
        return np.full((len(features), number), np.nan, features.dtype)
    return principal_axes(features, number).transform(features)


def _samples(record: Mapping[str, Any]) -> int:
    """The number of samples for validation."""
    return record["dataset"]["samples"][1]


def _refuse_large(new: Path, folder: Path) -> None:
    if (size := _size(new)) > LARGEST:
        largest = max(new.iterdir(), key=lambda file: file.stat().st_size)
        raise ArchiveError(
            f"{folder} would take {size} bytes in the archive, {largest.stat().st_size} of them "
            f"for {largest.name}; expected at most {LARGEST}. Runs on points of this size train in "
            "seconds and need no archive"
        )


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_file()]


def check(folder: str | Path) -> dict[str, Any]:
    """Check that an archived run is undamaged, and that its files agree with one another.

    Whether they are what its training gives is another question, which only training answers.

    Returns
    -------
    dict
        Its record.

    Raises
    ------
    FileNotFoundError
        If it is missing.
    ArchiveError
        If anything is wrong with it; the message names it.
    """
    folder = Path(folder)
    try:
        record = read_record(folder / "run.json")
        for why in _faults(folder, record):
            raise ArchiveError(f"{folder}: {why}")
    except FileNotFoundError as error:
        if Path(error.filename or "").name == "run.json":
            raise
        raise ArchiveError(f"{folder}: a file is missing ({error})") from None
    except ArchiveError as error:
        raise _naming(folder, error) from None
    except OSError as error:
        raise ArchiveError(f"{folder} is no archived run ({error})") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(f"{folder} is no archived run ({error!r})") from None
    return record


def _naming(folder: Path, error: ArchiveError) -> ArchiveError:
    """The error, with a message that names the folder."""
    return error if str(folder) in str(error) else ArchiveError(f"{folder}: {error}")


def _faults(folder: Path, record: dict[str, Any]) -> Iterator[str]:
    """What is wrong with an archived run, in words."""
    about = record.get(KEY)
    if about is None:
        yield "not an archived run but a run; rknet archive add archives it"
        return
    if about["format"] != FORMAT:
        yield f"found format {about['format']}, expected {FORMAT}: it needs another version"
        return
    # What lists, tables and audits read of it.
    machine(record), record["threads"], record["versions"].keys(), training_seconds(record)
    if not record["wall_time_seconds"] >= 0:
        yield f"found wall_time_seconds {record['wall_time_seconds']}, expected seconds"
    if path_of(record) != "/".join(folder.parts[-4:]):
        yield f"its record is that of {path_of(record)}"
    before = about["files_sha256"]
    names = {"run.json", *record["files_sha256"]}
    if extra := {path.name for path in folder.iterdir()} - names:
        yield f"it has other files: {', '.join(sorted(extra))}"
    if before.keys() != record["files_sha256"].keys():
        yield "it has not all files of the run"
    for name in before:
        found, expected = file_hash(folder / name), record["files_sha256"][name]
        if found != expected:
            yield f"{name} is damaged, or was changed (SHA-256 {found}; its record says {expected})"
        if name != REDUCED and before[name] != record["files_sha256"][name]:
            yield f"{name} is not the run's"
    if (size := _size(folder)) > LARGEST:
        yield f"found {size} bytes, expected at most {LARGEST}"
    yield from _history_faults(folder, record)
    if REDUCED in before:
        kept = outputs.load(folder / REDUCED, _samples(record))
        if not np.isin(kept.predicted, np.arange(record["dataset"]["classes"])).all():
            yield "its predictions are not all classes"


def _history_faults(folder: Path, record: Mapping[str, Any]) -> Iterator[str]:
    history = pd.read_csv(folder / "history.csv")
    if list(history) != ["epoch", *Metrics._fields]:
        yield f"its history has the columns {', '.join(history)}"
        return
    last, epochs = record["last_metrics"], record["last_epoch"]
    if list(history["epoch"]) != list(range(epochs + 1)):
        yield f"its history has {len(history)} rows, expected {epochs + 1}, an epoch each"
    for name, value in last.items():
        # Histories have nine digits.
        shown = float("nan") if value is None else float(f"{value:.9g}")
        found = history[name].iloc[-1]
        if found != shown and (np.isfinite(found) or np.isfinite(shown)):
            yield f"its history ends with {name} {found}, its record with {shown}"


def restore(
    entry: str | Path, folder: str | Path, code: str, dataset: str | Path | None = None
) -> None:
    """Give an archived run back, as the folder of a run that says where it comes from.

    Parameters
    ----------
    entry : str or Path
        The folder of the archived run.
    folder : str or Path
        The folder to write.
    code : str
        The digest of the code that would train it now. If it is another one, the record says so.
    dataset : str or Path, optional
        The dataset file that the run must have been trained on.

    Raises
    ------
    ArchiveError
        If it is damaged, or was trained on other data.
    """
    try:
        record = check(entry)
    except ArchiveError as error:
        raise ArchiveError(f"{error}. {REMEDY}") from None
    if dataset is not None and file_hash(dataset) != record["dataset_sha256"]:
        raise ArchiveError(
            f"{entry} was trained on another {record['dataset_file']} than this machine draws; "
            "with archive: ignore in the config, it is trained here"
        )
    for name in record["files_sha256"]:
        with replacing(Path(folder, name)) as temporary:
            shutil.copyfile(Path(entry, name), temporary)
    record = as_taken(record, code)
    write_json(Path(folder, "run.json"), {**record, "sha256": digest(record)})
