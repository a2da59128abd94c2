"""The repetition that a figure shows if it shows only one: the median, neither best nor worst."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from statistics import fmean, median_high, median_low
from typing import Any

from rknet.cell import Cell
from rknet.show.figures.figure import Files
from rknet.study.records import read_record


def median_repetition(files: Files) -> Files:
    """The files of the runs with one seed: that of median validation accuracy.

    Parameters
    ----------
    files : Files
        Of several runs of each cell, with their records.

    Returns
    -------
    Files
        Of one run of each cell, in the same order. All have the same seed, so that they show the
        same dataset: the seed whose accuracy in the last epoch, the mean over the cells, is the
        median of the seeds. Of several such seeds, and of the two in the middle of an even number,
        it is the lowest. If the cells have no seed in common, each has its own median.

    Raises
    ------
    ValueError
        If a file is no record of a run; the message names it.
    """
    accuracies: dict[Cell, dict[int, float]] = {}
    places: dict[tuple[Cell, int], int] = {}
    for place, path in enumerate(files.records):
        record = read_record(path)
        cell, seed = Cell.of(record["setting"]), record["setting"]["seed"]
        accuracies.setdefault(cell, {})[seed] = _accuracy(record)
        places[cell, seed] = place
    common = set.intersection(*map(set, accuracies.values()))
    if common:
        # Shares of the same number of right answers may differ by rounding.
        means = {s: round(fmean(of_cell[s] for of_cell in accuracies.values()), 9) for s in common}
        chosen = dict.fromkeys(accuracies, median_seed(means))
    else:
        chosen = {cell: median_seed(of_cell) for cell, of_cell in accuracies.items()}
    kept = [places[run] for run in chosen.items()]
    return Files(*([part[place] for place in kept] if part else part for part in files))


def median_seed(accuracies: Mapping[int, float]) -> int:
    """The lowest seed whose accuracy is the median, or next to it in an even number of seeds."""
    values = list(accuracies.values())
    middle = median_low(values), median_high(values)
    return min(seed for seed, accuracy in accuracies.items() if accuracy in middle)


def _accuracy(record: Mapping[str, Any]) -> float:
    """The validation accuracy in the last epoch; a diverged run is worse than any other."""
    diverged = record["status"] == "diverged"
    return -inf if diverged else record["last_metrics"]["validation_accuracy_percent"]
