"""Tidy frames of runs: metrics of the last epoch and of all epochs, with mean and spread."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from rknet.cell import AXES, Cell
from rknet.engines.base import ENGINES
from rknet.study.archive.taken import counted, origin
from rknet.study.metrics import METRICS
from rknet.study.records import checked, read_record

#: The splits, in the order of the rows.
SPLITS = ("training", "validation")

#: The columns that, together with the run's own, tell one tidy row from another.
OBSERVATION = ["split", "metric"]


def collect(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The metrics of runs as one tidy frame.

    Parameters
    ----------
    records : iterable of mapping
        Records of runs, as `rknet.study.records.read_record` reads them.

    Returns
    -------
    pandas.DataFrame
        A row a run, split and metric, with the cell's axes, ``seed``, ``status``,
        ``last_epoch``, ``archived`` (as `origin` says it), ``split``, ``metric`` (its unit in the
        name) and ``value``: the last epoch's, empty if the run diverged.
    """
    rows = []
    for record in records:
        run = _run(record)
        run |= {"status": record["status"], "last_epoch": record["last_epoch"]}
        run["archived"] = origin(record)
        classes, last = record["dataset"]["classes"], record["last_metrics"]
        for split in SPLITS:
            recorded = {
                name.removeprefix(f"{split}_"): value
                for name, value in last.items()
                if name.startswith(f"{split}_")
            }
            for metric in dict.fromkeys([*recorded, *METRICS]):
                diverged = record["status"] == "diverged"
                value = None if diverged else METRICS[metric].value(recorded, classes)
                rows.append({**run, "split": split, "metric": metric, "value": value})
    columns = [*AXES, "seed", "status", "last_epoch", "archived", *OBSERVATION, "value"]
    return pd.DataFrame(rows, columns=columns)


def costs(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """How long an epoch of each run took.

    Parameters
    ----------
    records : iterable of mapping
        As `collect` takes them.

    Returns
    -------
    pandas.DataFrame
        A row a run, with the cell's axes, ``seed`` and ``seconds_per_epoch``: from the start of the
        process that finished the run, on the machine that trained it, beside whatever else it did;
        empty if that process had no epoch left to train.
    """
    rows = []
    for record in records:
        epochs = record["last_epoch"] - (record["resumed_after_epoch"] or 0)
        seconds = record["wall_time_seconds"] / epochs if epochs else math.nan
        rows.append({**_run(record), "seconds_per_epoch": round(seconds, 6)})
    return pd.DataFrame(rows, columns=[*AXES, "seed", "seconds_per_epoch"])


def _run(record: Mapping[str, Any]) -> dict[str, Any]:
    """What names a run in a tidy row: the cell's axes, and the seed."""
    setting = record["setting"]
    return {**asdict(Cell.of(setting)), "seed": setting["seed"]}


def are_archived(metrics: pd.DataFrame) -> pd.Series:
    """Which rows are of runs from the archive."""
    return _origins(metrics) != ""


def archived_in_words(metrics: pd.DataFrame) -> str:
    """How many runs are from the archive, and where they were trained; empty if none is."""
    runs = metrics.drop_duplicates([*AXES, "seed"])
    origins = _origins(runs)
    taken = origins[origins != ""]
    if taken.empty:
        return ""
    places = "; ".join(
        f"{count} on {place}" if taken.nunique() > 1 else place
        for place, count in taken.value_counts(sort=False).items()
    )
    return (
        f"{counted(len(taken), len(runs))} from the archive; trained "
        f"{'' if taken.nunique() > 1 else 'on '}{places}."
    )


def _origins(metrics: pd.DataFrame) -> pd.Series:
    # A file has nothing where a run was trained here.
    here = pd.Series("", index=metrics.index)
    found = metrics["archived"].astype(object) if "archived" in metrics else here
    return found.fillna("").astype(str)


def curves(histories: Iterable[str | Path]) -> pd.DataFrame:
    """Read the histories of runs into one tidy frame.

    Parameters
    ----------
    histories : iterable of str or Path
        Files ``history.csv`` of runs, each in the folder of its ``run.json``.

    Returns
    -------
    pandas.DataFrame
        A row a run, epoch, split and metric: the cell's axes, ``seed``, ``status``, ``epoch`` (0
        is before training), ``split``, ``metric`` and ``value``.

    Raises
    ------
    ValueError
        If a file is not what it must be; the message names it.
    """
    settings, frames = [], []
    for history in map(Path, histories):
        about = read_record(history.with_name("run.json"))
        settings.append({**_run(about), "status": about["status"]})
        frames.append(pd.read_csv(checked(about, history), index_col="epoch"))
    # All runs at once: frame by frame it would take several times as long.
    every = pd.concat(frames, keys=range(len(frames)), names=["run"])
    split = [name.split("_", 1) for name in every]
    every.columns = pd.MultiIndex.from_tuples(split, names=OBSERVATION)
    values = every.melt(ignore_index=False).reset_index()
    values = values.sort_values("run", kind="stable", ignore_index=True)
    frame = values.join(pd.DataFrame(settings), on="run")
    return frame[[*AXES, "seed", "status", "epoch", *OBSERVATION, "value"]]


def summarise(metrics: pd.DataFrame) -> pd.DataFrame:
    """Mean and population standard deviation (n in the denominator) over seeds.

    Parameters
    ----------
    metrics : pandas.DataFrame
        As `collect` makes it; runs that occur twice count once.

    Returns
    -------
    pandas.DataFrame
        A row a cell, split and metric: ``mean``, ``std``, ``n`` (runs they rest on), ``archived``
        (how many of these are from the archive) and ``diverged`` (runs left out).
    """
    cell = [*AXES, *OBSERVATION]
    runs = metrics.drop_duplicates([*cell, "seed"])
    runs = runs.assign(archived=are_archived(runs) & runs["value"].notna())
    cells = runs.groupby(cell, sort=False, dropna=False)
    values = cells["value"]
    return pd.DataFrame(
        {
            "mean": values.mean(),
            "std": values.std(ddof=0),
            "n": values.count(),
            "archived": cells["archived"].sum(),
            "diverged": values.size() - values.count(),
        }
    ).reset_index()


def seeds_of_cells(frame: pd.DataFrame) -> pd.Series:
    """How many seeds each cell in a tidy frame has, those of diverged runs too."""
    return frame.groupby(list(AXES), sort=False, dropna=False)["seed"].nunique()


def one_engine(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Of rows that share the columns `key`, the one of the preferred engine."""
    place = frame["engine"].map({name: ENGINES[name].preference for name in ENGINES})
    return frame.iloc[place.argsort(kind="stable")].drop_duplicates(key)
