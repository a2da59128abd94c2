"""Published against reproduced: a verdict for each number that the paper prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from rknet.cell import AXES, Cell
from rknet.study.frames import OBSERVATION, summarise

#: Repetitions behind each published number (Section 4).
REPETITIONS = 4
LEVEL = 0.95

#: What a published number is identified by, beside edition, table and statistic.
KEY = ["dataset", "network", "width", "depth", "activation", *OBSERVATION]

#: Settings that a run must share with the paper for its numbers to be compared.
PROTOCOL = [
    *("classifier", "step_size", "epochs", "batch_size", "loss", "optimiser", "learning_rate"),
    *("momentum", "tolerance"),
]

#: What the paper does otherwise on images (Section 4.5).
IMAGES = {"dataset": ("mnist", "fashion_mnist"), "tolerance": 0.1}

#: Half a unit of the last digit printed: tables show 0.01 % and 0.001 (0.01 · 10⁻¹).
ROUNDING = {"accuracy_percent": 0.005, "one_hot_agreement_percent": 0.005, "cost": 0.0005}

#: Where an edition and table print something else than they say. The preprint's Table 3 prints
#: as accuracy the share of agreeing one-hot entries: its numbers follow so from the journal's
#: Table 4 (see `rknet.paper.errata`), which reports the same runs.
COMPARED_AS = {("preprint", 3, "accuracy_percent"): "one_hot_agreement_percent"}

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

#: What makes a printed number the same as another's, if the values agree: the editions repeat
#: tables 1 and 2, and the journal's Table 3 a number of its Table 4.
NUMBER = [*KEY, "stat"]


def prediction_interval(
    mean: float, std: float, n: int, repetitions: int = REPETITIONS
) -> tuple[float, float]:
    """Where the mean of `repetitions` fresh runs lies in 95 % of cases, for normal values.

    Parameters
    ----------
    mean, std : float
        Mean and population standard deviation of the runs at hand.
    n : int
        Their number.
    repetitions : int, optional
        Number of fresh runs m.

    Returns
    -------
    tuple of float
        mean ± t₍ₙ₋₁₎ s √(1/n + 1/m), with s the sample standard deviation; NaN if n < 2.
    """
    if n < 2:
        return np.nan, np.nan
    sample_std = std * np.sqrt(n / (n - 1))
    half = stats.t.ppf((1 + LEVEL) / 2, n - 1) * sample_std * np.sqrt(1 / n + 1 / repetitions)
    return mean - half, mean + half


def std_prediction_interval(
    std: float, n: int, repetitions: int = REPETITIONS
) -> tuple[float, float]:
    """Where the population standard deviation of fresh runs lies in 95 % of cases.

    The ratio of two sample variances of normal values is F-distributed. Parameters and result as
    for `prediction_interval`.
    """
    if n < 2:
        return np.nan, np.nan
    sample_variance = std**2 * n / (n - 1)
    quantiles = stats.f.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2], repetitions - 1, n - 1)
    low, high = np.sqrt(quantiles * sample_variance * (repetitions - 1) / repetitions)
    return float(low), float(high)


def p_value(
    published: float,
    rounding: float,
    mean: float,
    std: float,
    n: int,
    repetitions: int = REPETITIONS,
) -> float:
    """How probable a mean of fresh runs at least as far off as the published one is.

    Parameters
    ----------
    published, rounding : float
        The printed mean, and half a unit of its last digit. Of the numbers that are printed so,
        the one nearest to `mean` counts.
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
    return float(2 * stats.t.sf(distance / error, n - 1))


def std_p_value(
    published: float, rounding: float, std: float, n: int, repetitions: int = REPETITIONS
) -> float:
    """How probable a standard deviation of fresh runs at least as far off is.

    The same as `p_value` for a printed standard deviation, of the F statistic behind
    `std_prediction_interval`; the centre is where both tails have the same probability.
    """
    if n < 2:
        return np.nan
    # Sample variance of fresh runs over that of ours, for a population std of 1 each.
    ratio = repetitions / (repetitions - 1) * (n - 1) / n
    law = stats.f(repetitions - 1, n - 1)
    nearest = _nearest(std * np.sqrt(law.median() / ratio), published, rounding)
    if std == 0:
        return float(nearest == 0)
    statistic = ratio * (nearest / std) ** 2
    return float(min(1, 2 * law.cdf(statistic), 2 * law.sf(statistic)))


def prediction_error(std: float, n: int, repetitions: int = REPETITIONS) -> float:
    """Standard error s √(1/n + 1/m) of a mean of m fresh runs about that of n runs."""
    return std * np.sqrt(n / (n - 1)) * np.sqrt(1 / n + 1 / repetitions)


def _nearest(centre: float, published: float, rounding: float) -> float:
    # Beyond rounding, a printed half unit may miss by its binary representation.
    slack = rounding * (1 + 1e-9)
    return float(np.clip(centre, max(published - slack, 0), published + slack))


def adjusted_p_values(comparison: pd.DataFrame) -> pd.Series:
    """The p-values of a comparison, adjusted for there being many.

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
    published: pd.DataFrame,
    metrics: pd.DataFrame,
    compared_as: Mapping[tuple[str, int, str], str] = COMPARED_AS,
) -> pd.DataFrame:
    """Compare every published number that the runs at hand can reproduce.

    Parameters
    ----------
    published : pandas.DataFrame
        Columns ``edition``, ``table``, those of `KEY`, ``stat`` (``mean`` or ``std``), ``value``.
    metrics : pandas.DataFrame
        As `rknet.study.frames.collect` makes it. Runs that depart from the paper's protocol are
        left out; of a cell trained by several engines, the compiled one counts.
    compared_as : mapping, optional
        From edition, table and metric to the metric that is printed there.

    Returns
    -------
    pandas.DataFrame
        A row a published number and lift, with the columns `COLUMNS`; ``metric`` is what is
        compared, ``published_metric`` what `published` calls it. The verdict is ``consistent`` if
        the published number, within its rounding, lies in the 95 % prediction interval; else
        ``inconsistent``; ``undecided`` with fewer than two runs. ``verdict_adjusted`` is the same
        with at most 5 % false discoveries among the inconsistent, see `adjusted_p_values`.
    """
    summary = _at_protocol(metrics)
    rows = published.rename(columns={"value": "published"})
    rows["published_metric"] = rows["metric"]
    places = zip(rows["edition"], rows["table"], rows["metric"], strict=True)
    compared = [compared_as.get(place, place[2]) for place in places]
    rows["metric"] = pd.Series(compared, index=rows.index, dtype=rows["metric"].dtype)
    rows = rows.merge(summary, on=KEY, how="inner")

    is_std = rows["stat"] == "std"
    rows["reproduced"] = rows["std"].where(is_std, rows["mean"])
    rounding = rows["metric"].map(ROUNDING)
    numbers = zip(is_std, rows["published"], rounding, rows["mean"], rows["std"], rows["n"],
                  strict=True)  # fmt: skip
    tested = [
        (*std_prediction_interval(std, n), std_p_value(value, half, std, n))
        if of_std
        else (*prediction_interval(mean, std, n), p_value(value, half, mean, std, n))
        for of_std, value, half, mean, std, n in numbers
    ]
    rows[["prediction_low", "prediction_high", "p_value"]] = np.array(tested).reshape(-1, 3)
    rows["verdict"] = _verdicts(rows["p_value"])
    rows["verdict_adjusted"] = _verdicts(adjusted_p_values(rows))
    return rows[COLUMNS]


def _at_protocol(metrics: pd.DataFrame) -> pd.DataFrame:
    """Summary of the runs that are of the paper's protocol, one row a cell, split and metric."""
    usual = Cell("", "", 1, 1)
    paper = {axis: getattr(usual, axis) for axis in PROTOCOL}
    wanted = pd.DataFrame(paper, index=metrics.index)
    wanted.loc[metrics["dataset"].isin(IMAGES["dataset"]), "tolerance"] = IMAGES["tolerance"]
    at_protocol = (metrics[PROTOCOL] == wanted).all(axis=1)
    summary = summarise(metrics[at_protocol])
    preference = summary["engine"].map({"compiled": 0, "torch": 1, "autograd": 2})
    summary = summary.loc[preference.sort_values(kind="stable").index]
    return summary.drop_duplicates([*KEY, "lift"])


def _verdicts(p_values: pd.Series) -> np.ndarray:
    # A p-value and the interval's end are rounded separately, so compare with a hair's tolerance.
    verdicts = np.where(p_values < (1 - LEVEL) * (1 - 1e-9), "inconsistent", "consistent")
    return np.where(p_values.isna(), "undecided", verdicts)


def counts(comparison: pd.DataFrame) -> pd.DataFrame:
    """How many numbers have which verdict.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `compare` makes it.

    Returns
    -------
    pandas.DataFrame
        A row an edition, table and lift, a column a verdict that occurs, and how many numbers are
        inconsistent after adjustment.
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
    results: str,
    tables: Sequence[str | Path],
    claims: pd.DataFrame | None = None,
) -> str:
    """What was made, where it is and what came of it, for the end of a reproduction.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `compare` makes it.
    published, metrics : pandas.DataFrame
        What it was made from.
    results : str
        The folder for all that is made.
    tables : sequence of str or Path
        Files of tables.
    claims : pandas.DataFrame, optional
        Columns ``id``, ``lift`` and ``verdict``: what the runs say of the paper's sentences;
        their parts, which have a dot in the id, are not counted.
    """
    runs = metrics.drop_duplicates([*AXES, "seed"])
    ended = runs["status"].value_counts()
    lines = [
        f"{len(runs)} runs: {ended.get('completed', 0)} completed, "
        f"{ended.get('stopped', 0)} stopped early, {ended.get('diverged', 0)} diverged.",
        "",
    ]
    if len(comparison):
        numbers = ["edition", "table", *KEY, "stat"]
        compared = len(comparison.drop_duplicates(numbers))
        lines += [
            f"Published against reproduced: {compared} of the {len(published)} numbers that the "
            "two editions print,",
            "each with every lift. Consistent: inside the 95 % prediction interval for the mean",
            f"of {REPETITIONS} fresh repetitions. Adjusted: at most 5 % of the inconsistent are "
            "false discoveries.",
            "",
            counts(comparison).to_markdown(index=False),
            "",
        ]
    else:
        lines += [
            "No published number is compared: no run is of a published cell at the paper's "
            "protocol.",
            "",
        ]
    if claims is not None and len(claims):
        whole = claims[~claims["id"].str.contains(".", regex=False)]
        # An id that ends in d asks the same of the bundled digits.
        stated = whole["id"].str.removesuffix("d").nunique()
        table = whole.groupby(["lift", "verdict"]).size().unstack(fill_value=0)
        lines += [
            f"The paper's sentences: {stated} are tested against the runs, once for every lift "
            "they have; those on images on the bundled digits, too.",
            "",
            table.rename_axis(columns=None).reset_index().to_markdown(index=False),
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
