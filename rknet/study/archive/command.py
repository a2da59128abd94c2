"""What ``rknet archive`` does, and says."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from rknet.study.archive.entries import REMEDY, ArchiveError, add, check, entries, run_folders
from rknet.study.archive.taken import KEY, is_usable, machine, training_seconds
from rknet.study.config import Configuration, ConfigurationError, load
from rknet.study.config_files import configuration
from rknet.study.grids import Experiment, Run
from rknet.study.roots import dataset_digest, run_digest

#: The folder of the archive, in the checkout.
ARCHIVE = Path("archive")


def add_all(folders: Sequence[str]) -> int:
    """Archive the runs in folders; return the exit status, 1 if one cannot be archived."""
    status = 0
    for name in folders:
        found = run_folders(name)
        if not found:
            print(f"{name}: there is no run.json in it; name the folder of a run, or one around it")
            status = 1
        for folder in found:
            try:
                print(add(folder, ARCHIVE), flush=True)
            except (ArchiveError, OSError) as error:
                print(f"not archived: {error}")
                status = 1
    return status


def list_all(names: Sequence[str]) -> int:
    """List the archived runs, and say which of them the present code would give."""
    try:
        setup = load(configuration(names), Path())
    except ConfigurationError as error:
        print(error)
        return 1
    found = entries(ARCHIVE)
    standings: list[str] = []
    kept: set[str] = set()
    took: dict[str, list[float]] = {}
    for path in found:
        try:
            record = check(ARCHIVE / path)
        except (ArchiveError, FileNotFoundError):
            standings.append("damaged")
            print(f"{path}: damaged; rknet archive verify says more")
            continue
        run = setup.runs.get(path)
        standing = "not in the config" if run is None else _standing(setup, run, record)
        standings.append(standing)
        metrics, minutes = record["last_metrics"], training_seconds(record) / 60
        kept.add(path)
        took.setdefault(str(Path(path).parent), []).append(minutes / 60)
        accuracy = metrics["validation_accuracy_percent"]
        shown = "no" if accuracy is None else f"{accuracy:.2f} %"
        print(
            f"{path}: {standing}; {record['status']} after epoch {record['last_epoch']}, {shown} "
            f"accuracy; {minutes:.1f} minutes on {machine(record)}"
        )
    counts = [f"{standings.count(kind)} {kind}" for kind in dict.fromkeys(standings)]
    print(f"{len(found)} archived runs{': ' if counts else ''}{', '.join(counts)}.")
    for experiment in setup.optional.values():
        for line in _not_archived(experiment, kept, took):
            print(line)
    return 0


def _not_archived(
    experiment: Experiment, kept: Container[str], took: Mapping[str, Sequence[float]]
) -> Iterator[str]:
    """The runs of an experiment that the archive has only a part of, and what they would take.

    `took` has the hours of the archived runs of each cell.
    """
    missing: dict[str, list[int]] = {}
    for run in experiment.runs:
        if run.path not in kept:
            missing.setdefault(str(Path(run.path).parent), []).append(run.seed)
    count = sum(map(len, missing.values()))
    if not 0 < count < len(experiment.runs):
        return
    known = [len(seeds) * fmean(took[cell]) for cell, seeds in missing.items() if cell in took]
    yield (
        f"Of {experiment.name}, {count} of {len(experiment.runs)} runs are not archived. Those of "
        f"cells that have others here would take {sum(known):.1f} hours, one after another:"
    )
    for cell, seeds in missing.items():
        named = f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}"
        yield f"    {cell}: {named}{'' if cell in took else '; no other is here'}"


def _standing(setup: Configuration, run: Run, record: dict[str, Any]) -> str:
    """What an archived run is to the present code and config, in words."""
    code = run_digest(run.cell, setup.networks[run.cell.network])
    if (record.get("code") or {}).get("digest") != code:
        return "of older code"
    data = Path(f"seed{run.seed}-{dataset_digest(setup.dataset_of(run.cell))}.npz")
    usable = is_usable(ARCHIVE / run.path, setup.setting(run), code, data, older=False)
    return "current" if usable else "of other settings or data"


def verify_all(folder: str | None) -> int:
    """Check all archived runs; return the exit status, 1 if one is damaged."""
    archive = Path(folder) if folder else ARCHIVE
    found, status = entries(archive), 0
    if not found:
        print(f"There are no archived runs in {archive.absolute()}.")
        return 1
    for path in found:
        try:
            check(archive / path)
        except (ArchiveError, FileNotFoundError) as error:
            print(error)
            status = 1
    if status:
        print(REMEDY)
    else:
        print(
            f"{len(found)} archived runs are undamaged and agree with their records. Whether they "
            "are what training gives, rknet audit finds out."
        )
    return status


def export_all(target: str) -> int:
    """Write the archive as a Workflow Run RO-Crate."""
    from rknet.study.archive.crate import CrateError, export

    try:
        print(export(ARCHIVE, Path(target)))
    except (CrateError, ArchiveError, OSError) as error:
        print(f"not exported: {error}")
        return 1
    return 0


def import_all(source: str) -> int:
    """Take over the runs of another archive, or of a crate."""
    from rknet.study.archive.crate import CrateError, unpacked

    try:
        with unpacked(Path(source)) as folder:
            found = [path for path in run_folders(folder) if _is_archived(path)]
            if not found:
                raise CrateError(f"{source} holds no archived runs")
            return add_all([str(path) for path in found])
    except (CrateError, OSError) as error:
        print(f"not imported: {error}")
        return 1


def _is_archived(folder: Path) -> bool:
    try:
        return KEY in check(folder)
    except (ArchiveError, FileNotFoundError):
        return True  # `add` says what is wrong with it
