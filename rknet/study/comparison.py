"""Published against reproduced: a verdict for each number that the paper prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special, stats

from rknet.cell import AXES
from rknet.study.claims import count_claims
from rknet.study.frames import OBSERVATION, archived_in_words, one_engine, summarise
from rknet.study.publication import Publication, printed_by

#: The columns that, together with edition, table and statistic, identify a published number.
KEY = ["dataset", "network", "width", "depth", "activation", *OBSERVATION]

#: Verdicts on a number, in the order in which they are listed.
VERDICTS = ("consistent", "inconsistent", "undecided")

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
        with at most 5 % false discoveries among the inconsistent, see `adjusted_p_values`.
    """
    summary = _at_protocol(metrics, publication)
    rows = published.rename(columns={"value": "published"})
    rows["published_metric"] = rows["metric"]
    places = zip(rows["edition"], rows["table"], rows["metric"], strict=True)
    compared = [publication.metric_printed(*place) for place in places]
    rows["metric"] = pd.Series(compared, index=rows.index, dtype=rows["metric"].dtype)
    rows = rows.merge(summary, on=KEY, how="inner")

    is_std = rows["stat"] == "std"
    rows["reproduced"] = rows["std"].where(is_std, rows["mean"])
    rounding = rows["metric"].map(dict(publication.rounding))
    numbers = zip(is_std, rows["published"], rounding, rows["mean"], rows["std"], rows["n"],
                  strict=True)  # fmt: skip
    m, level = publication.repetitions, publication.level
    tested = [
        (*std_prediction_interval(std, n, m, level), std_p_value(value, half, std, n, m))
        if of_std
        else (*prediction_interval(mean, std, n, m, level), p_value(value, half, mean, std, n, m))
        for of_std, value, half, mean, std, n in numbers
    ]
    rows[["prediction_low", "prediction_high", "p_value"]] = np.array(tested).reshape(-1, 3)
    rows["verdict"] = _verdicts(rows["p_value"], level)
    rows["verdict_adjusted"] = _verdicts(adjusted_p_values(rows), level)
    return rows[COLUMNS]


def _at_protocol(metrics: pd.DataFrame, publication: Publication) -> pd.DataFrame:
    """Summary of the runs at the publication's protocol: a row for each cell, split and metric."""
    cells = metrics[list(AXES)].drop_duplicates()
    departs = [any(publication.departing(cell)) for cell in cells.to_dict("records")]
    summary = summarise(metrics.merge(cells[~np.array(departs, dtype=bool)], on=list(AXES)))
    return one_engine(summary, [*KEY, "lift"])


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
        reproduced number in units of the prediction standard error, and ``p_value``, all their
        p-values in one (see `combined_p_value`).
    differing : pandas.DataFrame
        A row a number on which the means of the lifts differ (Welch's t test, 5 %; the choice
        favours neither): `NUMBER`, ``published``, and for each lift ``reproduced`` and ``z``.
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
    columns = [f"{name}_{lift}" for lift in lifts for name in ("reproduced", "z")]
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
        A row for each edition, table and lift, a column for each verdict that occurs, and one for
        the numbers that are inconsistent after adjustment.
    """
    groups = ["edition", "table", "lift"]
    found = comparison.groupby([*groups, "verdict"]).size().unstack(fill_value=0)
    found = found[[name for name in VERDICTS if name in found]].rename_axis(columns=None)
    adjusted = comparison["verdict_adjusted"] == "inconsistent"
    found["inconsistent, adjusted"] = adjusted.groupby([comparison[name] for name in groups]).sum()
    return found.reset_index()


def summary_text(
    comparison: pd.DataFrame,
    published: pd.DataFrame,
    metrics: pd.DataFrame,
    publication: Publication,
    results: str,
    tables: Sequence[str | Path],
    claims: pd.DataFrame | None = None,
) -> str:
    """The text that ends a reproduction: what was made, where it is, and the verdicts.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `compare` makes it.
    published, metrics, publication
        The inputs of the comparison.
    results : str
        The folder of the results.
    tables : sequence of str or Path
        Files of tables.
    claims : pandas.DataFrame, optional
        Columns ``id``, ``lift`` and ``verdict``: the verdicts on the paper's claims.
    """
    runs = metrics.drop_duplicates([*AXES, "seed"])
    ended = runs["status"].value_counts()
    lines = [
        f"{len(runs)} runs: {ended.get('completed', 0)} completed, "
        f"{ended.get('stopped', 0)} stopped early, {ended.get('diverged', 0)} diverged.",
        *filter(None, [archived_in_words(metrics)]),
        "",
        *_numbers_summed_up(comparison, published, publication),
    ]
    if claims is not None and len(claims):
        stated, by_lift = count_claims(claims, publication.asked_again)
        also = publication.asked_again_in_words
        lines += [
            f"The paper's claims: {stated} are tested against the runs, once for each lift "
            f"they have{f'; {also}' if also else ''}.",
            "",
            by_lift.reset_index().to_markdown(index=False),
            "",
        ]
    places = {
        "figures": f"{results}/figures/",
        "tables": ", ".join(str(table) for table in tables) or "none for these experiments",
        "comparison": f"{results}/comparison.csv (.md, .tex)",
        "findings": f"{results}/findings.csv (.md)",
        **({} if claims is None else {"claims": f"{results}/claims.csv (.md, .tex)"}),
        "metrics": f"{results}/metrics/",
        "runs": f"{results}/runs/",
        "report": f"{results}/report.html, once `make report` has put all this into one file",
    }
    width = max(len(name) for name in places) + 1
    lines += [f"{name + ':':<{width}} {place}" for name, place in places.items()]
    return "\n".join(lines) + "\n"


def _numbers_summed_up(
    comparison: pd.DataFrame, published: pd.DataFrame, publication: Publication
) -> list[str]:
    if comparison.empty:
        return [
            "No published number is compared: no run is of a published cell at the paper's "
            "protocol.",
            "",
        ]
    compared = len(comparison.drop_duplicates(["edition", "table", *KEY, "stat"]))
    return [
        f"Published against reproduced: {compared} of the {len(published)} numbers that "
        f"{printed_by(published['edition'].nunique())},",
        "each with every lift. Consistent: inside the "
        f"{100 * publication.level:g} % prediction interval for the mean",
        f"of {publication.repetitions} fresh repetitions. Adjusted: at most 5 % of the "
        "inconsistent are false discoveries.",
        "",
        counts(comparison).to_markdown(index=False),
        "",
    ]
