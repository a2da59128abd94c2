"""What is measured of a repetition: a value by seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from rknet import datasets
from rknet.study.claims import Printed, Runs
from rknet.study.statistics import NotRun

#: By name, functions of runs and of a cell; readings name them after ``of``.
QUANTITIES: dict[str, Callable[..., pd.Series]] = {}

#: The depths of the grid in Sections 4.2 and 4.3.
DEPTHS = (1, 3, 5, 10, 20, 40, 100)
SHALLOW_GRID = (1, 3, 5, 10, 20)
#: The datasets of Section 4.4.
SIX = ("donut_3d_2c", "donut_3d_3c", "donut_2d_6c", "donut_3d_6c", "squares_2d_4c", "squares_3d_4c")
#: "Converged": percentage points below the mean of the last epochs, at most.
CONVERGED_WITHIN, LAST_EPOCHS = 1.0, 5
#: "Roughly 90 %" begins here (%), and "contracted" is below this share of the input layer's spread.
ROUGHLY_90, CONTRACTED = 87.0, 0.1


def quantity(function: Callable[..., pd.Series]) -> Callable[..., pd.Series]:
    """Enter a function in `QUANTITIES` by its name."""
    QUANTITIES[function.__name__] = function
    return function


@quantity
def last(runs: Runs, experiment: str, **cell: object) -> pd.Series:
    """The last epoch's value: validation accuracy (%), or of another ``metric`` or ``split``."""
    return runs.last(experiment, **cell)


@quantity
def excess(runs: Runs, experiment: str, dataset: str, **cell: object) -> pd.Series:
    """Validation accuracy above the share of the larger class (percentage points)."""
    accuracies = runs.last(experiment, dataset=dataset, **cell)
    if isinstance(runs, Printed):
        raise NotRun("no class of the paper's datasets is counted")
    shares = [100 * largest_share(dataset, seed) for seed in accuracies.index]
    return accuracies - shares


@lru_cache
def largest_share(dataset: str, seed: int) -> float:
    """The share of the largest class among the validation points."""
    labels = datasets.draw(dataset, seed).validation.labels
    return np.bincount(labels).max() / len(labels)


@quantity
def best_place(
    runs: Runs, experiment: str, grid: Sequence[int] = DEPTHS, **cell: object
) -> pd.Series:
    """The place in the grid of depths, from 1, at which the accuracy is highest."""
    accuracies = pd.DataFrame({depth: runs.last(experiment, **cell, depth=depth) for depth in grid})
    return accuracies.dropna().to_numpy().argmax(axis=1) + pd.Series(1, accuracies.dropna().index)


@quantity
def over_depths(
    runs: Runs, experiment: str, grid: Sequence[int] = DEPTHS, **cell: object
) -> pd.Series:
    """The mean over the grid of depths of `last`."""
    values = pd.DataFrame({depth: runs.last(experiment, **cell, depth=depth) for depth in grid})
    return values.dropna().mean(axis=1)


@quantity
def datasets_between(
    runs: Runs, experiment: str, low: float, high: float, **cell: object
) -> pd.Series:
    """How many of the six datasets of Section 4.4 have an accuracy (%) in a range."""
    accuracies = pd.DataFrame(
        {dataset: runs.last(experiment, **cell, dataset=dataset) for dataset in SIX}
    ).dropna()
    return ((accuracies >= low) & (accuracies <= high)).sum(axis=1)


@quantity
def layers_needed(
    runs: Runs, experiment: str, grid: Sequence[int] = SHALLOW_GRID, **cell: object
) -> pd.Series:
    """The place of the first depth that reaches roughly 90 %, see `first_place`."""
    accuracies = {depth: runs.last(experiment, **cell, depth=depth) for depth in grid}
    return first_place(pd.DataFrame(accuracies).dropna())


def first_place(accuracies: pd.DataFrame) -> pd.Series:
    """By seed (rows), the place of the first depth (columns) that reaches roughly 90 %.

    Places count from 1; where no depth does, it is one past the last.
    """
    reached = accuracies.sort_index(axis=1) >= ROUGHLY_90
    places = reached.to_numpy().argmax(axis=1) + 1
    return pd.Series(places, reached.index).where(reached.any(axis=1), reached.shape[1] + 1)


@quantity
def epochs(
    runs: Runs, experiment: str, performing: float | None = None, **cell: object
) -> pd.Series:
    """Epochs to converge; none for runs that end below an accuracy (%) of `performing`."""
    curves = runs.curve(experiment, **cell)
    found = epochs_to_converge(curves)
    if performing is None:
        return found
    ends = curves.ffill(axis=1).iloc[:, -1]
    return found.where(ends >= performing)


def epochs_to_converge(curves: pd.DataFrame) -> pd.Series:
    """By seed, the first epoch whose accuracy comes close to that of the last epochs.

    Parameters
    ----------
    curves : pandas.DataFrame
        Accuracies (%) by seed (rows) and epoch (columns), as `Runs.curve` gives them.

    Returns
    -------
    pandas.Series
        The first epoch at which the accuracy is no more than `CONVERGED_WITHIN` below the mean
        of the last `LAST_EPOCHS` epochs. It need not stay there: accuracies jitter from epoch to
        epoch by as much.
    """

    def first_close(curve: pd.Series) -> float:
        curve = curve.dropna()
        return float((curve >= curve.iloc[-LAST_EPOCHS:].mean() - CONVERGED_WITHIN).idxmax())

    return curves.apply(first_close, axis=1)


@quantity
def over_epochs(runs: Runs, experiment: str, between: tuple[int, int], **cell: object) -> pd.Series:
    """The mean validation accuracy (%) over the epochs from the first to the second."""
    first, final = between
    return runs.curve(experiment, **cell).loc[:, first:final].mean(axis=1)


@quantity
def roughness(runs: Runs, experiment: str, shown: int, **cell: object) -> pd.Series:
    """How far a curve's points lie from the middle of their neighbours, see `unevenness`."""
    return unevenness(runs.curve(experiment, **cell).loc[:, 1:shown])


def unevenness(curves: pd.DataFrame) -> pd.Series:
    """By seed, the mean distance of an epoch's value from the middle of those before and after."""
    middle = (curves.shift(1, axis=1) + curves.shift(-1, axis=1)) / 2
    return (middle - curves).abs().mean(axis=1)


@quantity
def at_end(runs: Runs, experiment: str, measured: str, **cell: object) -> pd.Series:
    """A measure of the features at the last layer, see `rknet.study.layers`."""
    return runs.features(experiment, measured, **cell).iloc[:, -1].dropna()


@quantity
def growth(runs: Runs, experiment: str, measured: str, **cell: object) -> pd.Series:
    """The same at the last layer over that at the input layer."""
    by_layer = runs.features(experiment, measured, **cell)
    return (by_layer.iloc[:, -1] / by_layer.iloc[:, 0]).dropna()


@quantity
def rising(runs: Runs, experiment: str, measured: str, **cell: object) -> pd.Series:
    """The share of the layers at which a measure is larger than at the layer before."""
    steps = runs.features(experiment, measured, **cell).diff(axis=1).iloc[:, 1:]
    return (steps > 0).mean(axis=1)


@quantity
def unmoved(runs: Runs, experiment: str, measured: str, **cell: object) -> pd.Series:
    """The share of the layers at which a measure is exactly what it is at the layer before."""
    steps = runs.features(experiment, measured, **cell).diff(axis=1).iloc[:, 1:]
    return (steps == 0).mean(axis=1)


@quantity
def largest(runs: Runs, experiment: str, measured: str, up_to: int, **cell: object) -> pd.Series:
    """The largest value of a measure, of all layers up to one."""
    return runs.features(experiment, measured, **cell).loc[:, :up_to].max(axis=1)


@quantity
def layers_to_contract(runs: Runs, experiment: str, **cell: object) -> pd.Series:
    """From the layer of the largest spread in the added dimensions to that of contraction.

    Runs whose features never contract have none.
    """
    peak = runs.features(experiment, "added_spread", **cell).idxmax(axis=1)
    return (contraction(runs, experiment, only=True, **cell) - peak).dropna()


@quantity
def contraction(runs: Runs, experiment: str, only: bool = False, **cell: object) -> pd.Series:
    """The first layer at which the features have contracted, see `contraction_layer`.

    With `only`, runs whose features never contract have none.
    """
    spread = runs.features(experiment, "relative_spread", **cell)
    layers = contraction_layer(spread)
    return layers.where(layers <= spread.columns[-1]) if only else layers


def contraction_layer(spread: pd.DataFrame) -> pd.Series:
    """By seed, the first layer at which features have contracted; one past the last if none."""
    contracted = spread < CONTRACTED
    return contracted.idxmax(axis=1).where(contracted.any(axis=1), spread.columns[-1] + 1)
