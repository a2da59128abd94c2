"""Published against reproduced: a verdict for each number that the paper prints.

A printed mean is of few fresh runs, and is compared with the means that such runs may have.
Student's t predicts them from runs that are near to normal. Where runs may get stuck, which the
publication says beforehand, there is a second prediction, and a number must be outside both to be
called inconsistent: fresh runs are drawn from an urn (Pólya's) with the runs at hand and, at the
weight `UNSEEN`, runs that learn nothing or everything. Without it, four runs that did not get stuck
would predict that none does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from rknet import datasets
from rknet.cell import AXES
from rknet.study.frames import OBSERVATION, one_engine, summarise
from rknet.study.publication import Publication

#: The weight of runs that were not seen, in runs: half of it learn nothing, half everything. With a
#: quarter, intervals cover at least what they say on average over numbers, from 4 runs on.
UNSEEN = 0.25
#: Fresh repetitions that are drawn from the urn; how they are drawn is the same for all numbers.
_DRAWS = 4000
#: With fewer runs, no number can be found inconsistent after adjustment for over a hundred; and of
#: a third protocol both lifts would fail or pass by chance.
ENOUGH_RUNS = 16
#: With this probability, a mean as far off as ``detects`` says is called inconsistent.
POWER = 0.8

#: The columns that, together with edition, table and statistic, identify a published number.
KEY = ["dataset", "network", "width", "depth", "activation", *OBSERVATION]

#: Verdicts on a number, in the order in which they are listed; and in place of an adjusted one that
#: no number could have.
VERDICTS = ("consistent", "inconsistent", "undecided")
NO_POWER = "–"
#: The heading of how many runs, or numbers, are from the archive.
OF_ARCHIVED = "of archived runs"

COLUMNS = [
    "edition",
    "table",
    *KEY,
    "stat",
    "lift",
    "published",
    "reproduced",
    "std",
    "n",
    "prediction_low",
    "prediction_high",
    "p_value",
    "verdict",
    "verdict_adjusted",
    "detects_below",
    "detects_above",
    "published_metric",
]

#: Two printed numbers are the same if they agree in these columns and in value: the editions share
#: tables 1 and 2, and the journal's Table 3 repeats a number of its Table 4.
NUMBER = [*KEY, "stat"]


def prediction_interval(
    mean: float, std: float, n: int, repetitions: int, level: float = 0.95
) -> tuple[float, float]:
    """The interval that holds the mean of `repetitions` fresh runs in 95 % of cases.

    Values are taken as normal.

    Parameters
    ----------
    mean, std : float
        Mean and population standard deviation of the runs at hand.
    n : int
        Their number.
    repetitions : int
        Number of fresh runs m.
    level : float, optional
        The share of cases.

    Returns
    -------
    tuple of float
        mean ± t₍ₙ₋₁₎ s √(1/n + 1/m), with s the sample standard deviation; NaN if n < 2.
    """
    if n < 2:
        return np.nan, np.nan
    sample_std = std * np.sqrt(n / (n - 1))
    half = special.stdtrit(n - 1, (1 + level) / 2) * sample_std * np.sqrt(1 / n + 1 / repetitions)
    return mean - half, mean + half


def std_prediction_interval(
    std: float, n: int, repetitions: int, level: float = 0.95
) -> tuple[float, float]:
    """The interval that holds the population standard deviation of fresh runs in 95 % of cases.

    The ratio of two sample variances of normal values is F-distributed. Parameters and result as
    for `prediction_interval`.
    """
    if n < 2:
        return np.nan, np.nan
    sample_variance = std**2 * n / (n - 1)
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    quantiles = special.fdtri(repetitions - 1, n - 1, ends)
    low, high = np.sqrt(quantiles * sample_variance * (repetitions - 1) / repetitions)
    return float(low), float(high)


def p_value(
    published: float,
    rounding: float,
    mean: float,
    std: float,
    n: int,
    repetitions: int,
) -> float:
    """The probability that a mean of fresh runs is at least as far off as the published one.

    Parameters
    ----------
    published, rounding : float
        The printed mean, and half a unit of its last digit. Of all numbers that round to the
        printed one, the one nearest to `mean` counts.
    mean, std, n, repetitions
        As for `prediction_interval`.

    Returns
    -------
    float
        Two-sided, of the t statistic behind `prediction_interval`: below 0.05 if and only if the
        printed number lies outside that interval by more than its rounding. NaN if n < 2.
    """
    if n < 2:
        return np.nan
    distance = abs(_nearest(mean, published, rounding) - mean)
    error = prediction_error(std, n, repetitions)
    if distance == 0 or error == 0:
        return float(distance == 0)
    return float(2 * special.stdtr(n - 1, -distance / error))


def std_p_value(published: float, rounding: float, std: float, n: int, repetitions: int) -> float:
    """The probability that a standard deviation of fresh runs is at least as far off.

    The same as `p_value` for a printed standard deviation, of the F statistic behind
    `std_prediction_interval`; the centre is where both tails have the same probability.
    """
    if n < 2:
        return np.nan
    # Sample variance of fresh runs over that of ours, for a population std of 1 each.
    ratio = repetitions / (repetitions - 1) * (n - 1) / n
    law = repetitions - 1, n - 1
    nearest = _nearest(std * np.sqrt(special.fdtri(*law, 0.5) / ratio), published, rounding)
    if std == 0:
        return float(nearest == 0)
    statistic = ratio * (nearest / std) ** 2
    return float(min(1, 2 * special.fdtr(*law, statistic), 2 * special.fdtrc(*law, statistic)))


class Urn:
    """Fresh repetitions of runs, drawn from an urn: what they are, or what may be.

    A run that is drawn goes back with a copy, so that the uncertainty of few runs is part of what
    is predicted (a Dirichlet process's prediction).

    Parameters
    ----------
    values : array
        Of the runs at hand.
    ends : pair of float
        The values of runs that learn nothing, and everything.
    repetitions : int
        How many runs a printed number has.
    stat : str
        ``mean`` or ``std`` (population) of them.
    """

    def __init__(
        self, values: np.ndarray, ends: tuple[float, float], repetitions: int, stat: str = "mean"
    ) -> None:
        fresh = np.append(values, ends)[_drawn(len(values), repetitions)]
        self._sorted = np.sort(fresh.mean(axis=1) if stat == "mean" else fresh.std(axis=1))

    def interval(self, level: float) -> tuple[float, float]:
        """The interval that holds all but (1 − level)/2 of the predicted numbers on either side."""
        beyond = int(np.ceil((1 - level) / 2 * _DRAWS))
        return float(self._sorted[beyond - 1]), float(self._sorted[-beyond])

    def p_value(self, published: float, rounding: float) -> float:
        """The probability, two-sided, of a number that is at least as far out as the published."""
        slack = rounding * (1 + 1e-9)
        above = _DRAWS - np.searchsorted(self._sorted, published - slack, "left")
        below = np.searchsorted(self._sorted, published + slack, "right")
        return float(min(1.0, 2 * min(above, below) / _DRAWS))


@lru_cache
def _drawn(n: int, repetitions: int) -> np.ndarray:
    """The places, of n runs and the two ends, of runs drawn from the urn: a row a repetition."""
    rng = np.random.default_rng(0)
    places = np.empty((_DRAWS, repetitions), int)
    for draw in range(repetitions):
        at = rng.random(_DRAWS) * (n + UNSEEN + draw)
        end = n + (at > n + UNSEEN / 2)
        places[:, draw] = np.where(at < n, at.astype(int), end)
        copied = at >= n + UNSEEN
        earlier = (at - n - UNSEEN).astype(int).clip(0, max(draw - 1, 0))
        places[copied, draw] = places[copied, earlier[copied]]
    return places


def ends_of(metric: str, classes: int) -> tuple[float, float]:
    """What a metric is of a network that learns nothing, and of one that learns everything."""
    if metric == "cost":
        return float(np.log(classes)), 0.0
    chance = 100 / classes
    # Of a one-hot vector, two of K entries are wrong.
    return (chance if metric == "accuracy_percent" else 100 - (100 - chance) * 2 / classes), 100.0


def in_range(metric: str, low: float, high: float) -> tuple[float, float]:
    """An interval without what no run can have: shares beyond 0 and 100 %, costs below 0."""
    most = np.inf if metric == "cost" else 100.0
    return float(np.clip(low, 0, most)), float(np.clip(high, 0, most))


def prediction_error(std: float, n: int, repetitions: int) -> float:
    """Standard error s √(1/n + 1/m) of a mean of m fresh runs about that of n runs."""
    return std * np.sqrt(n / (n - 1)) * np.sqrt(1 / n + 1 / repetitions)


def _nearest(centre: float, published: float, rounding: float) -> float:
    # Beyond rounding, a printed half unit may miss by its binary representation.
    slack = rounding * (1 + 1e-9)
    return float(np.clip(centre, max(published - slack, 0), published + slack))


def adjusted_p_values(comparison: pd.DataFrame) -> pd.Series:
    """The p-values of a comparison, adjusted for their number.

    The family is all numbers compared with one lift, each once however often the editions print
    it. False discoveries are controlled by Benjamini and Yekutieli's procedure: it holds under
    any dependence, and these numbers depend on one another in ways that Benjamini and Hochberg's
    does not allow for. Accuracy and cost of the same runs go opposite ways, all networks of a
    repetition share their dataset, and each published number is one draw. The price is power:
    a number must be further off to be called inconsistent.

    Parameters
    ----------
    comparison : pandas.DataFrame
        Columns `NUMBER`, ``published``, ``lift`` and ``p_value``.

    Returns
    -------
    pandas.Series
        With the index of `comparison`; NaN where there is no p-value.
    """
    number = [*NUMBER, "published", "lift"]
    family = comparison.drop_duplicates(number).dropna(subset="p_value")
    family = family[[*number, "p_value"]]
    adjusted = family.groupby("lift")["p_value"].transform(
        lambda values: stats.false_discovery_control(values, method="by")
    )
    known = family[number].assign(adjusted=adjusted)
    found = comparison[number].merge(known, on=number, how="left")["adjusted"]
    return found.set_axis(comparison.index)


def compare(
    published: pd.DataFrame, metrics: pd.DataFrame, publication: Publication
) -> pd.DataFrame:
    """Compare every published number that the runs at hand can reproduce.

    Parameters
    ----------
    published : pandas.DataFrame
        Columns ``edition``, ``table``, those of `KEY`, ``stat`` (``mean`` or ``std``), ``value``.
    metrics : pandas.DataFrame
        As `rknet.study.frames.collect` makes it. Runs that depart from the publication's protocol
        are left out; of a cell trained by several engines, one counts.
    publication : Publication
        Says how the numbers were printed, and which protocol their runs had.

    Returns
    -------
    pandas.DataFrame
        A row for each published number and lift, with the columns `COLUMNS`. ``metric`` is what is
        compared, ``published_metric`` its name in `published`. The verdict is ``consistent`` if
        the published number, within its rounding, lies in the 95 % prediction interval; else
        ``inconsistent``; ``undecided`` with fewer than two runs. ``verdict_adjusted`` is the same
        with at most 5 % false discoveries among the inconsistent, see `adjusted_p_values`, and
        `NO_POWER` with fewer than `ENOUGH_RUNS` runs. ``detects_below`` and ``detects_above`` are
        how far below and above ours the mean of their runs must lie to be called inconsistent in
        four of five cases. If any number rests on runs from the archive, ``archived`` says of each
        on how many.
    """
    summary = _summarised(runs_at_protocol(metrics, publication))
    rows = as_compared(published, publication).merge(summary, on=KEY, how="inner")
    # Of one run there is no standard deviation.
    rows["std"] = rows["std"].where(rows["n"] > 1)
    rows["reproduced"] = rows["std"].where(rows["stat"] == "std", rows["mean"])
    tested = [_judged(row, publication) for row in rows.to_dict("records")]
    columns = ["prediction_low", "prediction_high", "p_value", "detects_below", "detects_above"]
    rows[columns] = np.array(tested).reshape(-1, len(columns))
    rows["verdict"] = _verdicts(rows["p_value"], publication.level)
    adjusted = _verdicts(adjusted_p_values(rows), publication.level)
    rows["verdict_adjusted"] = np.where(rows["n"] < ENOUGH_RUNS, NO_POWER, adjusted)
    return rows[[*COLUMNS, *(["archived"] if rows["archived"].any() else [])]]


def _judged(row: Mapping[str, Any], publication: Publication) -> tuple[float, ...]:
    """The prediction interval, the p-value, and how far below and above a mean would be found."""
    n, m, level = row["n"], publication.repetitions, publication.level
    if n < 2:
        return (np.nan,) * 5
    rounding, metric = publication.rounding[row["metric"]], row["metric"]
    if row["stat"] == "std":
        normal = std_prediction_interval(row["std"], n, m, level)
        p = std_p_value(row["published"], rounding, row["std"], n, m)
    else:
        normal = prediction_interval(row["mean"], row["std"], n, m, level)
        p = p_value(row["published"], rounding, row["mean"], row["std"], n, m)
    both = normal
    if publication.may_stick(row):
        ends = ends_of(metric, datasets.named(row["dataset"]).about.classes)
        urn = Urn(row["values"], ends, m, row["stat"])
        both = (*normal, *urn.interval(level))
        p = max(p, urn.p_value(row["published"], rounding))
    low, high = in_range(metric, min(both), max(both))
    if row["stat"] == "std":
        return low, high, p, np.nan, np.nan
    further = stats.norm.ppf(POWER) * row["std"] * np.sqrt(n / (n - 1) / m)
    return low, high, p, row["mean"] - low + further, high - row["mean"] + further


def as_compared(published: pd.DataFrame, publication: Publication) -> pd.DataFrame:
    """The printed numbers as ``published``, with the metric that each is compared as."""
    rows = published.rename(columns={"value": "published"})
    rows["published_metric"] = rows["metric"]
    places = zip(rows["edition"], rows["table"], rows["metric"], strict=True)
    compared = [publication.metric_printed(*place) for place in places]
    rows["metric"] = pd.Series(compared, index=rows.index, dtype=rows["metric"].dtype)
    return rows


def runs_at_protocol(metrics: pd.DataFrame, publication: Publication) -> pd.DataFrame:
    """The rows of runs at the publication's protocol; the lift may be any."""
    cells = metrics[list(AXES)].drop_duplicates()
    departs = [any(publication.departing(cell)) for cell in cells.to_dict("records")]
    return metrics.merge(cells[~np.array(departs, dtype=bool)], on=list(AXES))


def _summarised(chosen: pd.DataFrame) -> pd.DataFrame:
    """A row for each cell, split and metric, with the values of its runs."""
    summary = one_engine(summarise(chosen), [*KEY, "lift"])
    cell = [*AXES, *OBSERVATION]
    runs = chosen.drop_duplicates([*cell, "seed"]).dropna(subset="value")
    values = runs.groupby(cell, sort=False)["value"].agg(np.array).rename("values")
    return summary.merge(values.reset_index(), on=cell, how="left")


def _verdicts(p_values: pd.Series, level: float) -> np.ndarray:
    # A p-value and the interval's end are rounded separately, so compare with a hair's tolerance.
    verdicts = np.where(p_values < (1 - level) * (1 - 1e-9), "inconsistent", "consistent")
    return np.where(p_values.isna(), "undecided", verdicts)


def lift_evidence(
    comparison: pd.DataFrame, publication: Publication
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Evidence for the lift of the published numbers, from those on which two lifts differ.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `compare` makes it.
    publication : Publication
        Its first two lifts are compared.

    Returns
    -------
    summary : pandas.DataFrame
        A row a lift: ``numbers`` (printed means, each once, with at least two runs of either lift)
        and how many are ``consistent``; then of those on which the lifts differ ``differing``,
        ``differing_consistent``, the median and mean distance of the published from the
        reproduced number in units of the prediction standard error, ``p_value``, all their
        p-values in one (see `combined_p_value`), and ``runs``, the fewest behind one of them.
    differing : pandas.DataFrame
        A row a number on which the means of the lifts differ (Welch's t test, 5 %; the choice
        favours neither): `NUMBER`, ``published``, and for each lift ``reproduced`` and ``z``, and
        ``archived`` if the comparison has it.
    """
    lifts = list(publication.lifts)[:2]
    number = [*NUMBER, "published"]
    means = comparison[(comparison["stat"] == "mean") & (comparison["n"] > 1)]
    means = means.drop_duplicates([*number, "lift"]).copy()
    means["error"] = prediction_error(means["std"], means["n"], publication.repetitions)
    means["z"] = (means["published"] - means["reproduced"]) / means["error"].where(
        means["error"] > 0
    )
    sides = [means[means["lift"] == lift] for lift in lifts]
    both = sides[0].merge(sides[1], on=number, suffixes=[f"_{lift}" for lift in lifts])
    differing = both[_differ(both, lifts) < 1 - publication.level]
    summary = pd.DataFrame([_evidence(lift, both, differing) for lift in lifts])
    shown = [name for name in ("reproduced", "z", "archived") if name in means]
    columns = [f"{name}_{lift}" for lift in lifts for name in shown]
    return summary, differing[[*number, *columns]].reset_index(drop=True)


def _differ(both: pd.DataFrame, lifts: Sequence[str]) -> np.ndarray:
    """For each number, the p-value that its means with two lifts are equal (Welch)."""
    samples = []
    for lift in lifts:
        mean, std, n = (both[f"{name}_{lift}"] for name in ("reproduced", "std", "n"))
        samples += [part.to_numpy(float) for part in (mean, std * np.sqrt(n / (n - 1)), n)]
    with np.errstate(all="ignore"):  # Runs without any spread decide nothing.
        return stats.ttest_ind_from_stats(*samples, equal_var=False).pvalue


def _evidence(lift: str, both: pd.DataFrame, differing: pd.DataFrame) -> dict[str, object]:
    distance = differing[f"z_{lift}"].abs()
    return {
        "lift": lift,
        "numbers": len(both),
        "consistent": (both[f"verdict_{lift}"] == "consistent").sum(),
        "differing": len(differing),
        "differing_consistent": (differing[f"verdict_{lift}"] == "consistent").sum(),
        "median_abs_z": distance.median(),
        "mean_abs_z": distance.mean(),
        "p_value": combined_p_value(differing[f"p_value_{lift}"]),
        "runs": differing[f"n_{lift}"].min(),
    }


def combined_p_value(p_values: pd.Series) -> float:
    """The p-value of a hypothesis from those of several tests of it that depend on one another.

    Liu and Xie's Cauchy combination: p-values become Cauchy variables, whose mean has much the
    same tail whatever their dependence. NaN without any p-value.
    """
    if p_values.empty:
        return np.nan
    # A p-value of 1 would outweigh all others.
    scores = stats.cauchy.isf(p_values.clip(upper=0.99))
    return float(stats.cauchy.sf(np.mean(scores)))


def counts(comparison: pd.DataFrame) -> pd.DataFrame:
    """Count the numbers with each verdict.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `compare` makes it.

    Returns
    -------
    pandas.DataFrame
        A row for each edition, table and lift, a column for each verdict that occurs and, if there
        are runs enough for any, one for the numbers that are inconsistent after adjustment; if any
        number rests on runs from the archive, one for those that do.
    """
    groups = ["edition", "table", "lift"]
    found = comparison.groupby([*groups, "verdict"]).size().unstack(fill_value=0)
    found = found[[name for name in VERDICTS if name in found]].rename_axis(columns=None)
    if (comparison["verdict_adjusted"] != NO_POWER).any():
        adjusted = comparison["verdict_adjusted"] == "inconsistent"
        of_groups = adjusted.groupby([comparison[name] for name in groups])
        found["inconsistent, adjusted"] = of_groups.sum()
    if "archived" in comparison:
        from_archive = comparison["archived"] > 0
        found[OF_ARCHIVED] = from_archive.groupby([comparison[name] for name in groups]).sum()
    return found.reset_index()
