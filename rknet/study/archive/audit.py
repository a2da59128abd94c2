"""Audits the archive: draws archived runs at random, trains them again here, and compares.

Checksums only say that a run is as it was archived. That it is what training gives can be found out
by training alone, and what a few drawn runs say of all of them is a matter of counting.
"""

from __future__ import annotations

import math
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rknet import datasets
from rknet.engines.base import Metrics
from rknet.networks.base import Network
from rknet.seeds import stream
from rknet.study import outputs
from rknet.study.archive.entries import REDUCED, check, components, entries
from rknet.study.archive.taken import KEY, is_usable, machine, training_seconds
from rknet.study.config import Configuration, ConfigurationError, load
from rknet.study.config_files import configuration
from rknet.study.records import read_record
from rknet.study.roots import dataset_digest, run_digest
from rknet.terminal import in_utf8

#: With this probability an audit would have noticed the share of wrong runs that it names.
PROBABILITY = 0.95
#: What a record says of the result of a run.
_RESULTS = ("status", "last_epoch", "early_stop_epoch", "last_metrics")


class Tolerance(NamedTuple):
    """How far two trainings of a run on different machines may be apart.

    Attributes
    ----------
    start : float
        In costs before training, as a share of them.
    cost : float
        In costs of later epochs, as a share of them.
    points : float
        In accuracies of later epochs, in percentage points.
    every : bool
        Whether this holds for every epoch, or only for the last one.
    """

    start: float
    cost: float
    points: float
    every: bool


#: Of networks whose layers are small steps, and of others. What rounding does to whole runs, by
#: benchmarks/rounding.py, leaves a wide margin; benchmarks/README.md has the numbers.
SMALL_STEPS = Tolerance(start=1e-4, cost=1e-2, points=0.5, every=True)
OTHERS = Tolerance(start=1e-4, cost=math.inf, points=25.0, every=False)


def tolerance_of(network: Network) -> Tolerance:
    """How far two runs of a network may be apart."""
    return OTHERS if network.tableau is None else SMALL_STEPS


class Finding(NamedTuple):
    """What became of a run that was drawn.

    Attributes
    ----------
    path : str
        Its folder, from the folder of the archive.
    wrong : bool
        Whether it is not what training gives.
    words : str
    exact : bool
        Whether every byte was compared; between machines it is as far as rounding goes.
    trained : bool
        Whether it could be trained again; if not, nothing is known of it.
    """

    path: str
    wrong: bool
    words: str
    exact: bool = True
    trained: bool = True


def population(
    setup: Configuration, archive: str | Path
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The archived runs that this code can train again, by path; and, in words, which it cannot."""
    trainable, others = {}, []
    for path, record in entries(archive).items():
        if isinstance(record, ValueError):
            others.append(f"{path}: it is damaged")
            continue
        run = setup.runs.get(path)
        if run is None:
            others.append(f"{path}: no experiment in the config has it")
            continue
        code = run_digest(run.cell, setup.networks[run.cell.network])
        data = f"seed{run.seed}-{dataset_digest(setup.dataset_of(run.cell))}.npz"
        if is_usable(Path(archive, path), setup.setting(run), code, Path(data), older=False):
            trainable[path] = record
        else:
            others.append(f"{path}: it is of other code, setting or data")
    return trainable, others


def drawn(
    records: Mapping[str, Mapping[str, Any]], seed: int, minutes: float, runs: int | None = None
) -> tuple[list[str], list[str]]:
    """Draw runs, each as likely as the others.

    Parameters
    ----------
    records : mapping
        The records of those that can be trained, by path.
    seed : int
    minutes : float
        How long training them may take: only runs that take no longer by themselves are in the
        draw, and as many are drawn as take so long on average.
    runs : int, optional
        Their number; then, all runs are in the draw, however long they take.

    Returns
    -------
    list of str, list of str
        The runs drawn, and those in the draw.
    """
    seconds = {path: training_seconds(record) for path, record in records.items()}
    among = sorted(path for path in seconds if runs is not None or seconds[path] <= 60 * minutes)
    if not among:
        return [], []
    mean = np.mean([seconds[path] for path in among])
    count = runs if runs is not None else max(1, math.floor(60 * minutes / max(mean, 1e-9)))
    rng = stream("audit", seed=seed)
    chosen = rng.choice(len(among), min(count, len(among)), replace=False)
    return sorted(among[number] for number in chosen), among


def noticed(among: int, drawn: int, probability: float = PROBABILITY) -> int:
    """The smallest number of wrong runs of which a draw has one with this probability.

    Parameters
    ----------
    among, drawn : int
        How many runs are in the draw, and how many are drawn, at least one.
    probability : float, optional
    """
    # Of all draws, those without any of `wrong` runs.
    ways = math.comb(among, drawn)
    return next(
        wrong
        for wrong in range(1, among + 1)
        if math.comb(among - wrong, drawn) <= (1 - probability) * ways
    )


def compared(entry: Path, trained: Path, tolerance: Tolerance) -> Finding:
    """Compare an archived run with the same run, trained again.

    Parameters
    ----------
    entry, trained : Path
        The folders of the two.
    tolerance : Tolerance
        If another type of machine trained it.
    """
    path = "/".join(entry.parts[-4:])
    try:
        old = check(entry)
    except (FileNotFoundError, ValueError) as error:
        return Finding(path, True, str(error))
    try:
        new = read_record(trained / "run.json")
    except (FileNotFoundError, ValueError) as error:
        why = f": {error}" if isinstance(error, ValueError) else ""
        return Finding(path, False, f"it could not be trained again{why}", trained=False)
    if old["dataset_sha256"] != new["dataset_sha256"]:
        return Finding(path, True, "its data are not those that are drawn here")
    if old["dataset"] != new["dataset"]:
        return Finding(path, True, f"its data are {old['dataset']}, here {new['dataset']}")
    if old["files_sha256"].keys() != new["files_sha256"].keys():
        return Finding(path, True, f"it has the files {', '.join(old['files_sha256'])} only")
    other_bytes = _other_bytes(entry, trained, old, new)
    if not other_bytes:
        return Finding(path, False, "equal, bit for bit")
    if others := _other_machine(old, new):
        faults = [
            *_far_apart(entry, trained, tolerance),
            *_other_predictions(entry, trained, old, new),
        ]
        if faults:
            return Finding(path, True, "; ".join(faults))
        words = f"the same within the tolerance, as it was trained elsewhere ({others})"
        return Finding(path, False, words, exact=False)
    return Finding(path, True, f"trained again, it has other bytes in {', '.join(other_bytes)}")


def _other_bytes(
    entry: Path, trained: Path, old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[str]:
    """What of a run is not, bit for bit, that of the run trained again."""
    return [
        *(
            name
            for name, sha in old[KEY]["files_sha256"].items()
            if new["files_sha256"][name] != sha
        ),
        *(f"{name} of the record" for name in _RESULTS if old[name] != new[name]),
        *_other_features(entry, trained, old),
    ]


def _other_machine(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """In what the machines of two records differ that may decide bytes; empty if in nothing."""
    pairs = {"machine": (machine(old), machine(new)), "threads": (old["threads"], new["threads"])}
    # Older records name only the packages that happened to be imported.
    for name in old["versions"].keys() & new["versions"].keys():
        pairs[name] = old["versions"][name], new["versions"][name]
    others = [f"{what} {one}, here {other}" for what, (one, other) in sorted(pairs.items())
              if one != other]  # fmt: skip
    return "; ".join(others)


def _other_features(entry: Path, trained: Path, record: Mapping[str, Any]) -> list[str]:
    """The file of the reduced features, if they are not those of the run trained again.

    Their principal axes may depend on the number of threads, so they are compared up to rounding.
    """
    if REDUCED not in record["files_sha256"]:
        return []
    samples = record["dataset"]["samples"][1]
    kept, whole = (outputs.load(folder / REDUCED, samples) for folder in (entry, trained))
    wanted = components(whole.features)
    scale = np.nanmax(np.abs(wanted), initial=0)
    same = kept.features.shape == wanted.shape and np.allclose(
        kept.features, wanted, rtol=0, atol=1e-3 * scale, equal_nan=True
    )
    return [] if same and (kept.predicted == whole.predicted).all() else [f"{REDUCED} (archived)"]


def _other_predictions(
    entry: Path, trained: Path, old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[str]:
    """What is wrong if the archived predictions are not as good as the archived history says.

    Another machine may predict otherwise; but how many are right, the labels drawn here say.
    """
    said = old["last_metrics"]["validation_accuracy_percent"]
    if REDUCED not in old["files_sha256"] or said is None:
        return []
    # A run's folder is results/runs/dataset/network/cell/seed.
    data = datasets.load(trained.parents[4] / new["dataset_file"], new["setting"]["dataset"])
    labels = data.validation.labels
    found = 100 * (outputs.load(entry / REDUCED, len(labels)).predicted == labels).mean()
    if abs(found - said) < 50 / len(labels):  # half a sample
        return []
    return [f"its predictions have {found:.2f} % accuracy, its history says {said:.2f} %"]


def _far_apart(entry: Path, trained: Path, tolerance: Tolerance) -> list[str]:
    """In what two histories are farther apart than rounding carries them, in words."""
    old, new = (
        pd.read_csv(folder / "history.csv", index_col="epoch") for folder in (entry, trained)
    )
    if tolerance.every and len(old) != len(new):
        return [f"it ends after epoch {len(old) - 1}, trained again after {len(new) - 1}"]
    costs = [name for name in Metrics._fields if name.endswith("cost")]
    rates = [name for name in Metrics._fields if name not in costs]
    later = slice(1, None) if tolerance.every else slice(-1, None)
    faults = []
    for what, names, rows, most in (
        ("costs before training", costs, slice(0, 1), tolerance.start),
        ("costs", costs, later, tolerance.cost),
        ("accuracies", rates, later, tolerance.points),
    ):
        one, other = (frame[names].iloc[rows].to_numpy() for frame in (old, new))
        apart = np.abs(one - other) / (1 if names is rates else np.abs(other))
        # The last epoch of a run that has diverged has no numbers.
        apart[np.isnan(one) & np.isnan(other)] = 0
        if not (apart <= most).all():
            unit, scale = (" points", 1) if names is rates else (" %", 100)
            faults.append(
                f"its {what} differ by up to {scale * apart.max():.2g}{unit}, expected at most "
                f"{scale * most:g}{unit}"
            )
    return faults


def train_again(
    paths: Sequence[str], folder: Path, names: Sequence[str], cores: str
) -> tuple[int, Path]:
    """Train runs here, as the workflow trains them; its exit status, and the file of its words.

    Parameters
    ----------
    paths : sequence of str
    folder : Path
        The folder of the results.
    names : sequence of str
        The configuration file that overrides the default one, if any.
    cores : str
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = folder / "audit.log"
    override = ["--configfile", *names] if names else []
    config = ["--config", "archive=ignore", f"results={folder}"]
    targets = [f"{folder}/runs/{path}/run.json" for path in paths]
    command = [sys.executable, "-m", "snakemake", "--cores", cores, *override, *config, "--"]
    with said.open("w", encoding="utf-8") as file:
        # No shell; the paths are of runs that the config has.
        done = subprocess.run(  # noqa: S603
            [*command, *targets], stdout=file, stderr=file, env=in_utf8(), check=False
        )
    return done.returncode, said


def conclusion(findings: Sequence[Finding], among: int) -> str:
    """What findings say of all runs that were in the draw, in words."""
    known = [finding for finding in findings if finding.trained]
    wrong = sum(finding.wrong for finding in known)
    share = f"{len(findings)} of {among} drawn"
    if untrained := len(findings) - len(known):
        share += f", {untrained} of them not trained again, of which nothing is known"
    if wrong:
        return f"{share}, {wrong} of them wrong: the archive is not what training gives."
    if not known:
        return f"{share}: nothing was found out."
    equal = f"{share}, all {'others ' if untrained else ''}equal"
    if loose := sum(not finding.exact for finding in known):
        equal += (
            f", {loose} of them only within the tolerance of another machine, so that smaller "
            "faults of theirs would not be noticed"
        )
    least = noticed(among, len(known))
    if least == 1:
        return f"{equal}: none is wrong."
    return (
        f"{equal}: if {least} or more of the {among} ({100 * least / among:.0f} %) were wrong, "
        f"this would have been noticed with {100 * PROBABILITY:.0f} % probability."
    )


def main(
    names: Sequence[str],
    archive: str | Path,
    minutes: float,
    runs: int | None = None,
    seed: int | None = None,
    cores: str = "all",
) -> int:
    """Audit the archive; return the exit status, 1 if a run is wrong or cannot be trained.

    Parameters
    ----------
    names : sequence of str
        The configuration file that overrides the default one, if any.
    archive : str or Path
    minutes, runs, seed
        As `drawn` takes them; without a seed, one is drawn.
    cores : str, optional
        As Snakemake takes them.
    """
    try:
        setup = load(configuration(names), Path())
    except ConfigurationError as error:
        print(error)
        return 1
    records, others = population(setup, archive)
    seed = secrets.randbelow(10**6) if seed is None else seed
    chosen, among = drawn(records, seed, minutes, runs)
    if others:
        print(f"Not in the draw: {len(others)} archived runs, such as {others[0]}.")
    if longer := len(records) - len(among):
        print(
            f"Not in the draw: {longer} archived runs that took more than {minutes:g} minutes "
            "each; with --runs K, all are in the draw."
        )
    if not chosen:
        print(f"Nothing to audit: {archive} has no run that this config and code can train so.")
        return 1
    took = sum(training_seconds(records[path]) for path in chosen)
    print(
        f"Seed {seed} draws {len(chosen)} of {len(among)} runs. Where they were trained, they took "
        f"{took / 60:.1f} minutes together.",
        flush=True,
    )
    folder = Path(setup.results, "audit", f"seed{seed}")
    status, said = train_again(chosen, folder, names, cores)
    findings = []
    for path in chosen:
        run = setup.runs[path]
        tolerance = tolerance_of(setup.networks[run.cell.network])
        findings.append(compared(Path(archive, path), folder / "runs" / path, tolerance))
        print(f"{path}: {findings[-1].words}")
    print(conclusion(findings, len(among)))
    if status or any(finding.wrong or not finding.trained for finding in findings):
        print(f"What was trained is in {folder}, and what was said meanwhile in {said}.")
        return 1
    shutil.rmtree(folder)
    return 0
