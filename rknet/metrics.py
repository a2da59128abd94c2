"""From runs to tidy frames: the last epoch's metrics of each run, and their mean and spread."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from rknet.experiments import AXES

#: Columns that tell one tidy row from another, beside the run's own.
OBSERVATION = ["split", "metric"]


def collect(records: Iterable[str | Path]) -> pd.DataFrame:
    """Read the records of runs into one tidy frame.

    Parameters
    ----------
    records : iterable of str or Path
        Files ``run.json``.

    Returns
    -------
    pandas.DataFrame
        A row a run, split and metric, with the cell's axes, ``seed``, ``status``,
        ``last_epoch``, ``split``, ``metric`` (its unit in the name) and ``value``: the last
        epoch's, empty if the run diverged.

    Raises
    ------
    ValueError
        If a file is no record of a run; the message names it.
    """
    rows = []
    for path in records:
        try:
            record = json.loads(Path(path).read_text(encoding="utf-8"))
            setting = record["setting"]
            run = {axis: setting[axis] for axis in (*AXES, "seed")}
            run |= {"status": record["status"], "last_epoch": record["last_epoch"]}
            diverged = record["status"] == "diverged"
            for name, value in record["last_metrics"].items():
                split, metric = name.split("_", 1)
                value = None if diverged else value
                rows.append({**run, "split": split, "metric": metric, "value": value})
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path} is no record of a run ({error!r}); delete its folder, "
                "and the run is repeated"
            ) from error
    columns = [*AXES, "seed", "status", "last_epoch", *OBSERVATION, "value"]
    return pd.DataFrame(rows, columns=columns)


def summarise(metrics: pd.DataFrame) -> pd.DataFrame:
    """Mean and population standard deviation (n in the denominator) over seeds.

    Parameters
    ----------
    metrics : pandas.DataFrame
        As `collect` makes it; runs that occur twice count once.

    Returns
    -------
    pandas.DataFrame
        A row a cell, split and metric: ``mean``, ``std``, ``n`` (runs they rest on) and
        ``diverged`` (runs left out).
    """
    cell = [*AXES, *OBSERVATION]
    runs = metrics.drop_duplicates([*cell, "seed"])
    values = runs.groupby(cell, sort=False, dropna=False)["value"]
    return pd.DataFrame(
        {
            "mean": values.mean(),
            "std": values.std(ddof=0),
            "n": values.count(),
            "diverged": values.size() - values.count(),
        }
    ).reset_index()
