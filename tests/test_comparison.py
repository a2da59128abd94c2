"""The comparison's intervals and verdicts against textbook values and known distributions."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from problems import frame
from scipy import stats

from rknet.comparison import (
    COLUMNS,
    compare,
    prediction_interval,
    std_prediction_interval,
    summary_text,
)

ROOT = Path(__file__).parent.parent


def published(value, metric="accuracy_percent", stat="mean"):
    return pd.DataFrame(
        {
            **{"edition": ["journal"], "table": [1], "dataset": "spiral", "network": "RK4Net"},
            **{"width": 16, "depth": 3, "activation": "tanh", "split": "validation"},
            **{"metric": metric, "stat": stat, "value": value},
        }
    )


def verdict(value, values, **options):
    rows = compare(published(value, **options), frame({"value": values}))
    return rows["verdict"].item()


def test_the_interval_by_hand():
    # Values 1, 2, 3, 4: mean 2.5, s² = 5/3, t(3; 0.975) = 3.182446; half = t s √(1/4 + 1/4).
    low, high = prediction_interval(2.5, math.sqrt(1.25), 4)
    half = 3.182446305 * math.sqrt(5 / 3) * math.sqrt(0.5)
    assert (low, high) == pytest.approx((2.5 - half, 2.5 + half))


def test_the_interval_of_a_std_by_hand():
    # F(3, 3) has the 97.5 % quantile 15.4392, and 1/15.4392 at 2.5 %.
    low, high = std_prediction_interval(1.0, 4)
    assert (low, high) == pytest.approx((15.4392**-0.5, 15.4392**0.5), rel=1e-5)


@pytest.mark.parametrize("interval", [prediction_interval, std_prediction_interval])
def test_one_run_gives_no_interval(interval):
    arguments = (1.0, 0.0, 1) if interval is prediction_interval else (0.0, 1)
    assert all(math.isnan(end) for end in interval(*arguments))


@pytest.mark.parametrize("n", [2, 4, 20])
@pytest.mark.parametrize("stat", ["mean", "std"])
def test_false_alarms_come_at_the_stated_rate(n, stat):
    """Published and reproduced runs from one normal law: 5 % are called inconsistent."""
    rng = np.random.default_rng(1)
    trials, alarms = 4000, 0
    for _ in range(trials):
        ours, theirs = rng.normal(90, 1, n), rng.normal(90, 1, 4)
        if stat == "mean":
            low, high = prediction_interval(ours.mean(), ours.std(), n)
            alarms += not low <= theirs.mean() <= high
        else:
            low, high = std_prediction_interval(ours.std(), n)
            alarms += not low <= theirs.std() <= high
    # Wrong with probability 1e-4 if the rate is 5 %.
    assert stats.binomtest(alarms, trials, 0.05).pvalue > 1e-4


def test_a_shift_of_two_points_is_found():
    rng = np.random.default_rng(2)
    found = [
        verdict(92.0, list(rng.normal(90, 0.3, 4)), stat="mean") == "inconsistent"
        for _ in range(200)
    ]
    assert np.mean(found) > 0.95


def test_rounding_does_not_make_a_number_inconsistent():
    runs = frame({"value": [0.6934, 0.6934]}, metric="cost")
    rows = compare(published(0.693, "cost"), runs)
    assert rows["verdict"].item() == "consistent"
    runs = frame({"value": [0.6936, 0.6936]}, metric="cost")
    assert compare(published(0.693, "cost"), runs)["verdict"].item() == "inconsistent"


def test_half_a_unit_is_still_rounding():
    assert verdict(90.01, [90.005, 90.005]) == "consistent"
    assert verdict(90.01, [90.004, 90.004]) == "inconsistent"


def test_one_run_decides_nothing():
    assert verdict(90.0, [90.0]) == "undecided"
    assert verdict(90.0, [90.0, None]) == "undecided"


def test_a_published_std_is_compared_with_the_std():
    values = [89.0, 90.0, 91.0, 92.0]
    rows = compare(published(1.1, stat="std"), frame({"value": values}))
    assert rows["reproduced"].item() == pytest.approx(math.sqrt(1.25))
    assert rows["verdict"].item() == "consistent"
    assert verdict(9.0, values, stat="std") == "inconsistent"


def test_columns_and_one_row_a_lift():
    runs = frame({"value": [90.0, 91.0] * 2, "lift": ["random", "random", "zeros", "zeros"],
                  "seed": [0, 1, 0, 1]})  # fmt: skip
    rows = compare(published(90.5), runs)
    assert list(rows.columns) == COLUMNS
    assert rows["lift"].tolist() == ["random", "zeros"]
    assert rows["n"].tolist() == [2, 2]


@pytest.mark.parametrize(
    "departure", [{"epochs": 10}, {"step_size": 0.1}, {"classifier": "fixed"}, {"width": 3}]
)
def test_runs_that_depart_from_the_protocol_are_not_compared(departure):
    assert compare(published(90.0), frame({"value": [90.0, 90.0]}, **departure)).empty


def test_of_two_engines_the_compiled_one_counts():
    runs = frame({"value": [80.0, 81.0, 90.0, 91.0], "seed": [0, 1, 0, 1],
                  "engine": ["torch", "torch", "compiled", "compiled"]})  # fmt: skip
    assert compare(published(90.5), runs)["reproduced"].tolist() == [90.5]


def test_every_published_number_is_there_once():
    numbers = pd.read_csv(ROOT / "config/published.csv")
    assert len(numbers) == 232
    assert not numbers.drop(columns="value").duplicated().any()


def test_the_summary_says_what_and_where():
    numbers, runs = published(90.5), frame({"value": [90.0, None]}, status=["stopped", "diverged"])
    text = summary_text(compare(numbers, runs), numbers, runs, "out", ["out/tables/t.md"])
    assert "2 runs: 0 completed, 1 stopped early, 1 diverged." in text
    assert "1 of the 1 numbers" in text
    assert "out/tables/t.md" in text
    assert "out/comparison.csv" in text


def test_the_summary_of_nothing_compared_says_so():
    numbers, runs = published(90.5), frame({"value": [90.0, 91.0]}, epochs=3)
    text = summary_text(compare(numbers, runs), numbers, runs, "out", [])
    assert "No published number is compared" in text
    assert "none for these experiments" in text
