"""Measures of runs, by the names that readings give them: one value for each repetition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rknet.paper.claims.quantities import DEPTHS, QUANTITIES
from rknet.paper.claims.scheme import agrees
from rknet.study.claims import Runs, disjoint, pairs
from rknet.study.readings import Measure

Options = Mapping[str, Any]


def compares(measure: Measure) -> Measure:
    """Mark a measure of how far things lie apart: its bound is a margin."""
    measure.compares = True  # type: ignore[attr-defined]
    return measure


def value(runs: Runs, of: str = "last", **cell: object) -> pd.Series:
    """A quantity of the runs of a cell."""
    return QUANTITIES[of](runs, **cell)


@compares
def difference(
    runs: Runs, first: Options, second: Options, of: str = "last", **cell: Any
) -> pd.Series:
    """A quantity of the first cell less that of the second, paired by seed."""
    return pairs(*_both(runs, first, second, of, cell))


def ratio(runs: Runs, first: Options, second: Options, of: str = "last", **cell: Any) -> pd.Series:
    """A quantity of the first cell over that of the second, paired by seed."""
    one, other = _both(runs, first, second, of, cell)
    return (one / other).dropna()


def between(runs: Runs, first: Options, second: Options, of: str, **cell: Any) -> pd.Series:
    """How alike networks of two cells and of different seeds are, see `rknet.study.likeness`."""
    return runs.between(first=first, second=second, measure=of, **cell)


@compares
def between_beyond_repetitions(
    runs: Runs, first: Options, second: Options, of: str, **cell: Any
) -> pd.Series:
    """The same, less how alike two repetitions of the first cell are."""
    return pairs(between(runs, first, second, of, **cell), between(runs, first, first, of, **cell))


@compares
def apart(runs: Runs, first: Options, second: Options, of: str = "last", **cell: Any) -> pd.Series:
    """The same of different seeds: for cells that start a seed from the same arrays."""
    return runs.apart(*_both(runs, first, second, of, cell))


@compares
def repetitions(runs: Runs, of: str = "last", **cell: object) -> pd.Series:
    """How far two repetitions of a cell lie apart."""
    return _apart(value(runs, of, **cell))


@compares
def repetitions_difference(
    runs: Runs, first: Options, second: Options, of: str = "last", **cell: Any
) -> pd.Series:
    """How much further two repetitions of the first cell lie apart than of the second."""
    one, other = _both(runs, first, second, of, cell)
    common = one.index.intersection(other.index)
    return _apart(one[common]) - _apart(other[common])


def beyond_repetitions(runs: Runs, first: Options, second: Options, **cell: Any) -> pd.Series:
    """How much further two networks of different seeds lie apart than two repetitions of the first.

    If networks differ as repetitions do, it is below 0 in half of all cases.
    """
    one, other = _both(runs, first, second, "last", cell)
    common = one.index.intersection(other.index)
    own, others = disjoint(one[common]), disjoint(other[common])
    return (own[0] - others[1]).abs() - (own[0] - own[1]).abs()


def out_of_order(runs: Runs, experiment: str, **cell: object) -> pd.Series:
    """The number of pairs of depths at which accuracy and cost do not go opposite ways."""
    accuracy, cost = (
        pd.DataFrame({depth: runs.last(experiment, metric, **cell, depth=depth)
                      for depth in DEPTHS}).dropna()
        for metric in ("accuracy_percent", "cost")
    )  # fmt: skip
    return sum(
        ((accuracy[one] - accuracy[other]) * (cost[one] - cost[other]) >= 0).astype(int)
        for place, one in enumerate(DEPTHS)
        for other in DEPTHS[:place]
    )


def epochs_above(
    runs: Runs, experiment: str, first: Options, second: Options, **cell: Any
) -> pd.Series:
    """The share of epochs, after training began, at which the first cell's curve is higher."""
    one, other = (runs.curve(experiment, **{**cell, **side}) for side in (first, second))
    both = (one - other).drop(columns=0)
    return (both > 0).sum(axis=1) / both.notna().sum(axis=1)


@compares
def curves_apart(
    runs: Runs, experiment: str, first: Options, second: Options, shown: int, **cell: Any
) -> pd.Series:
    """How much further curves of two repetitions lie apart, on average over the epochs shown."""
    one, other = (
        runs.curve(experiment, **{**cell, **side}).loc[:, 1:shown] for side in (first, second)
    )
    common = one.index.intersection(other.index)

    def over_epochs(curves: pd.DataFrame) -> pd.Series:
        chosen = curves.loc[common]
        return pd.DataFrame({epoch: _apart(chosen[epoch]) for epoch in chosen}).mean(axis=1)

    return over_epochs(one) - over_epochs(other)


def _both(
    runs: Runs, first: Options, second: Options, of: str, cell: Options
) -> tuple[pd.Series, pd.Series]:
    one, other = (QUANTITIES[of](runs, **{**cell, **side}) for side in (first, second))
    return one, other


def _apart(values: pd.Series) -> pd.Series:
    of_pairs = disjoint(values.dropna())
    return (of_pairs[0] - of_pairs[1]).abs()


MEASURES: dict[str, Measure] = {
    function.__name__: function
    for function in (
        *(value, difference, ratio, apart, repetitions, repetitions_difference),
        *(beyond_repetitions, between, between_beyond_repetitions),
        *(out_of_order, epochs_above, curves_apart, agrees),
    )
}
