"""Lays out a tidy frame as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from rknet.cell import AXES
from rknet.show.labels import ARCHIVED, depths_by_network, label, repetitions, scales
from rknet.show.tables.table import Table, two_in_a_place
from rknet.study.frames import seeds_of_cells, summarise
from rknet.study.metrics import METRICS

#: Marks a mean over fewer repetitions than there should be.
MARK = "†"
#: Stands in place of a missing number.
DASH = "–"
#: The level of the confidence intervals.
LEVEL = 0.95


class Layout(NamedTuple):
    """The texts in their places, and which of them are the best of their column."""

    text: pd.DataFrame
    best: pd.DataFrame


def mean_interval(mean: float, std: float, n: int) -> tuple[float, float]:
    """The confidence interval of a mean of normal values.

    Parameters
    ----------
    mean, std : float
        Mean and population standard deviation of the values.
    n : int
        Their number.

    Returns
    -------
    tuple of float
        mean ± t₍ₙ₋₁₎ s / √n, with s the sample standard deviation; NaN if n < 2.
    """
    if n < 2:
        return np.nan, np.nan
    half = special.stdtrit(n - 1, (1 + LEVEL) / 2) * std / np.sqrt(n - 1)
    return mean - half, mean + half


def cells(table: Table, metrics: pd.DataFrame) -> pd.DataFrame:
    """The numbers that a table shows, in natural units.

    Parameters
    ----------
    table : Table
    metrics : pandas.DataFrame
        As `rknet.study.frames.collect` makes it, of the table's experiment.

    Returns
    -------
    pandas.DataFrame
        A row for each lift, cell, split and metric: ``mean``, ``std``, ``n``, ``diverged``,
        ``fewer`` (whether it uses fewer runs than there are seeds), ``ci_low`` and ``ci_high``.

    Raises
    ------
    ValueError
        If a place in the table would have two values; the message names the axes.
    """
    shown = shown_in(table, metrics)
    _refuse_two_in_a_place(table, shown)
    summary = estimates(shown)
    wanted = summary["metric"].isin(table.metrics) & summary["split"].isin(table.splits)
    return summary[wanted].reset_index(drop=True)


def estimates(metrics: pd.DataFrame) -> pd.DataFrame:
    """The result of `rknet.study.frames.summarise`, with what else a table shows.

    It has ``fewer``, ``marks`` (that and whether runs are from the archive), ``ci_low`` and
    ``ci_high``. Of one run there is no ``std``.
    """
    summary = summarise(metrics)
    summary["std"] = summary["std"].where(summary["n"] > 1)
    summary["fewer"] = summary["n"] < metrics["seed"].nunique()
    summary["marks"] = [
        (MARK if fewer else "") + (ARCHIVED if archived else "")
        for fewer, archived in zip(summary["fewer"], summary["archived"], strict=True)
    ]
    ends = [mean_interval(*row) for row in summary[["mean", "std", "n"]].itertuples(index=False)]
    summary["ci_low"], summary["ci_high"] = ([low for low, _ in ends], [high for _, high in ends])
    return summary


def layout(table: Table, metrics: pd.DataFrame, lift: str) -> Layout:
    """The table as printed, for one lift.

    Parameters
    ----------
    table : Table
    metrics : pandas.DataFrame
        As for `cells`.
    lift : str

    Returns
    -------
    Layout
        Rows and columns are the table's axes, with values as in the tidy frame. `MARK` marks a mean
        over fewer runs than there are seeds, because some diverged or are missing; without any run
        there is a dash. `ARCHIVED` marks a mean of runs from the archive. If there are several
        networks with all their runs, the best one at the printed precision is the best.
    """
    found = cells(table, metrics)
    found = found[found["lift"] == lift]
    shown = pd.concat(
        [found.assign(statistic=name, value=found[name]) for name in table.statistics],
        ignore_index=True,
    )
    scale = scales(shown["metric"])
    shown["value"] = (shown["value"] * scale).astype(float).round(2)
    if table.spread:
        shown["text"] = [spread(row) for _, row in shown.iterrows()]
    else:
        shown["text"] = [
            _number(value) + marks
            for value, marks in zip(shown["value"], shown["marks"], strict=True)
        ]
    shown["best"] = _best(table, shown)
    return Layout(
        _placed(table, metrics, shown, "text", DASH), _placed(table, metrics, shown, "best", False)
    )


def intervals(table: Table, metrics: pd.DataFrame, lift: str) -> pd.DataFrame:
    """The table with mean ± standard deviation, number of runs and confidence interval.

    Parameters
    ----------
    table : Table
    metrics : pandas.DataFrame
        As for `cells`.
    lift : str

    Returns
    -------
    pandas.DataFrame
        Texts; rows are the table's ``long_rows``, columns have the levels group and quantity.
    """
    found = cells(table, metrics)
    found = found[found["lift"] == lift].set_index([*table.long_rows, table.across])
    rows = _product(table, metrics, table.long_rows)
    columns = {}
    for group in _order(table, metrics, table.across):
        values = [found.loc[key] if key in found.index else None
                  for key in ((*as_tuple(row), group) for row in rows)]  # fmt: skip
        name = label(table.across, group)
        columns[name, "mean ± std"] = [spread(value) for value in values]
        columns[name, "n"] = [DASH if value is None else str(value["n"]) for value in values]
        columns[name, "95 % interval"] = [interval(value) for value in values]
    return pd.DataFrame(columns, index=rows)


def setting(table: Table, metrics: pd.DataFrame) -> dict[str, str]:
    """The values of the fields in a table's caption."""
    shown = shown_in(table, metrics)
    # Even without any run, the caption describes the experiment.
    shown = metrics if shown.empty else shown
    pairs = shown[["network", "depth"]].itertuples(index=False)
    first = shown.iloc[0]
    return {
        "dataset": label("dataset", first["dataset"]),
        "width": str(first["width"]),
        "depth": f"depth {depths_by_network(pairs)}",
        "activation": str(first["activation"]),
        "repetitions": repetitions(seeds_of_cells(shown)),
    }


def shown_in(table: Table, metrics: pd.DataFrame) -> pd.DataFrame:
    """The part of an experiment's metrics that a table shows."""
    for axis, value in table.only.items():
        metrics = metrics[metrics[axis] == value]
    wanted = metrics["network"].map(table.depths)
    return metrics[wanted.isna() | (metrics["depth"] == wanted)]


def _refuse_two_in_a_place(table: Table, shown: pd.DataFrame) -> None:
    rows = shown[list(AXES)].drop_duplicates().replace({np.nan: None})
    if problem := two_in_a_place(table, rows.itertuples(index=False)):
        raise ValueError(problem)


def _best(table: Table, shown: pd.DataFrame) -> pd.Series:
    if "network" not in table.rows:
        return pd.Series(False, index=shown.index)
    lowest = shown["metric"].map(lambda metric: METRICS[metric].best == "lowest").astype(bool)
    merit = shown["value"].mask(lowest, -shown["value"])
    same = [shown[axis] for axis in (*table.rows, *table.columns) if axis != "network"]
    rivals, unfinished = merit.groupby(same), shown["fewer"].groupby(same).transform("any")
    best = (rivals.transform("count") > 1) & (merit == rivals.transform("max"))
    return best & ~unfinished


def _placed(
    table: Table, metrics: pd.DataFrame, shown: pd.DataFrame, name: str, empty: object
) -> pd.DataFrame:
    rows, columns = (_product(table, metrics, axes) for axes in (table.rows, table.columns))
    places = shown.set_index([*table.rows, *table.columns])[name].to_dict()
    return pd.DataFrame(
        [
            [places.get((*as_tuple(row), *as_tuple(column)), empty) for column in columns]
            for row in rows
        ],
        index=rows,
        columns=columns,
    )


def _product(table: Table, metrics: pd.DataFrame, axes: Sequence[str]) -> pd.Index:
    values = [_order(table, metrics, axis) for axis in axes]
    if len(axes) == 1:
        return pd.Index(values[0], name=axes[0])
    return pd.MultiIndex.from_product(values, names=axes)


def _order(table: Table, metrics: pd.DataFrame, axis: str) -> list:
    own = {"split": table.splits, "metric": table.metrics, "statistic": table.statistics}
    if axis in own:
        return list(own[axis])
    values = list(shown_in(table, metrics)[axis].unique())
    return sorted(values) if axis in ("depth", "width") else values


def flat(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of texts from `layout`, with row labels as columns and one level of headings."""
    rows = frame.index.to_frame(index=False)
    for axis in rows:
        rows[axis] = [label(str(axis), value) for value in rows[axis]]
    names = [
        # "training accuracy (%)" reads better than the axes' order.
        " ".join(label(axis, value) for axis, value in
                 reversed(list(zip(table.columns, as_tuple(column), strict=True))))
        for column in frame.columns
    ]  # fmt: skip
    return pd.concat([rows, frame.set_axis(names, axis=1).reset_index(drop=True)], axis=1)


def as_tuple(key: object) -> tuple:
    """A label of an index of one or of several levels, as a tuple."""
    return key if isinstance(key, tuple) else (key,)


def _number(value: float) -> str:
    return DASH if np.isnan(value) else f"{value:.2f}"


def spread(row: pd.Series | None) -> str:
    """Mean ± standard deviation of a row of `estimates`, as printed; a dash without runs.

    Of one run it is the value alone.
    """
    if row is None:
        return DASH
    scale = METRICS[_metric(row)].scale
    numbers = [_number(row["mean"] * scale)]
    if row["n"] > 1:
        numbers.append(_number(row["std"] * scale))
    return " ± ".join(numbers) + row["marks"]


def interval(row: pd.Series | None) -> str:
    """The confidence interval of a row of `estimates`, as printed; a dash if it has none."""
    if row is None or row["n"] < 2:
        return DASH
    scale = METRICS[_metric(row)].scale
    return f"[{row['ci_low'] * scale:.2f}, {row['ci_high'] * scale:.2f}]"


def _metric(row: pd.Series) -> str:
    """The metric of a row of numbers, which is a column or the last part of its name."""
    return row["metric"] if "metric" in row else row.name[-1]
