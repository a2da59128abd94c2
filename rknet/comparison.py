"""Published against reproduced: a verdict for each number that the paper prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from rknet.experiments import AXES, Cell
from rknet.metrics import OBSERVATION, summarise

#: Repetitions behind each published number (Section 4).
REPETITIONS = 4
LEVEL = 0.95

#: What a published number is identified by, beside edition, table and statistic.
KEY = ["dataset", "network", "width", "depth", "activation", *OBSERVATION]

#: Settings that a run must share with the paper for its numbers to be compared.
PROTOCOL = ["classifier", "step_size", "epochs", "batch_size", "learning_rate", "tolerance"]

#: Half a unit of the last digit printed: tables show 0.01 % and 0.001 (0.01 · 10⁻¹).
ROUNDING = {"accuracy_percent": 0.005, "cost": 0.0005}

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
    "verdict",
]


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


def compare(published: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Compare every published number that the runs at hand can reproduce.

    Parameters
    ----------
    published : pandas.DataFrame
        Columns ``edition``, ``table``, those of `KEY`, ``stat`` (``mean`` or ``std``), ``value``.
    metrics : pandas.DataFrame
        As `rknet.metrics.collect` makes it. Runs that depart from the paper's protocol are left
        out; of a cell trained by several engines, the compiled one counts.

    Returns
    -------
    pandas.DataFrame
        A row a published number and lift, with the columns `COLUMNS`. The verdict is
        ``consistent`` if the published number, within its rounding, lies in the 95 % prediction
        interval; else ``inconsistent``; ``undecided`` with fewer than two runs.
    """
    paper = {axis: Cell.__dataclass_fields__[axis].default for axis in PROTOCOL}
    at_protocol = (metrics[PROTOCOL] == pd.Series(paper)).all(axis=1)
    summary = summarise(metrics[at_protocol])
    preference = summary["engine"].map({"compiled": 0, "torch": 1, "autograd": 2})
    summary = summary.loc[preference.sort_values(kind="stable").index]
    summary = summary.drop_duplicates([*KEY, "lift"])

    rows = published.rename(columns={"value": "published"}).merge(summary, on=KEY, how="inner")
    is_std = rows["stat"] == "std"
    rows["reproduced"] = rows["std"].where(is_std, rows["mean"])
    intervals = [
        std_prediction_interval(std, n) if of_std else prediction_interval(mean, std, n)
        for of_std, mean, std, n in zip(is_std, rows["mean"], rows["std"], rows["n"], strict=True)
    ]
    rows["prediction_low"] = [low for low, _ in intervals]
    rows["prediction_high"] = [high for _, high in intervals]
    rounding = rows["metric"].map(ROUNDING)
    # Beyond rounding, a printed half unit may miss by its binary representation.
    slack = rounding * (1 + 1e-9)
    inside = (rows["published"] >= rows["prediction_low"] - slack) & (
        rows["published"] <= rows["prediction_high"] + slack
    )
    rows["verdict"] = np.where(inside, "consistent", "inconsistent")
    rows.loc[rows["n"] < 2, "verdict"] = "undecided"
    return rows[COLUMNS]


def summary_text(
    comparison: pd.DataFrame,
    published: pd.DataFrame,
    metrics: pd.DataFrame,
    results: str,
    tables: Sequence[str | Path],
) -> str:
    """What was made, where it is and what came of it, for the end of a reproduction."""
    runs = metrics.drop_duplicates([*AXES, "seed"])
    ended = runs["status"].value_counts()
    lines = [
        f"{len(runs)} runs: {ended.get('completed', 0)} completed, "
        f"{ended.get('stopped', 0)} stopped early, {ended.get('diverged', 0)} diverged.",
        "",
    ]
    if len(comparison):
        counts = (
            comparison.groupby(["edition", "table", "lift", "verdict"]).size().unstack(fill_value=0)
        )
        verdicts = [v for v in ("consistent", "inconsistent", "undecided") if v in counts]
        compared = len(comparison.drop_duplicates(["edition", "table", *KEY, "stat"]))
        lines += [
            f"Published against reproduced: {compared} of the {len(published)} numbers that the "
            "two editions print,",
            "each with every lift. Consistent: inside the 95 % prediction interval for the mean",
            f"of {REPETITIONS} fresh repetitions.",
            "",
            counts[verdicts].rename_axis(columns=None).reset_index().to_markdown(index=False),
            "",
        ]
    else:
        lines += [
            "No published number is compared: no run is of a published cell at the paper's "
            "protocol.",
            "",
        ]
    width = max(len(name) for name in ("comparison", "metrics", "tables", "runs")) + 1
    places = {
        "tables": ", ".join(str(table) for table in tables) or "none for these experiments",
        "comparison": f"{results}/comparison.csv",
        "metrics": f"{results}/metrics/",
        "runs": f"{results}/runs/",
    }
    lines += [f"{name + ':':<{width}} {place}" for name, place in places.items()]
    return "\n".join(lines) + "\n"
