"""Tests that answer yes, no, or undecided.

Every test has two sides. ``p_for`` belongs to the hypothesis that a claim is false: if it is small,
the runs support the claim. ``p_against`` belongs to the hypothesis that the claim is true: if it is
small, the runs contradict it. If neither is small, the claim is undecided.

A test sees one value a repetition, and counts the repetitions whose value is as the claim says. It
has its level whatever the values are. Runs that get stuck end in two heaps, and differences of
accuracies are skew: there, Student's t-test at 5 % errs in up to 66 % of cases, mostly in over 6 %
(``tests/study/test_levels.py`` measures both). The price is power: no exact test can
tell at 5 % from four repetitions that more than half of all are so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import numpy as np
import pandas as pd
from scipy import optimize, stats

#: Level of every test.
ALPHA = 0.05
#: With this probability a test finds what it is said to reach.
POWER = 0.8

#: What a test may say, in the order in which it is listed; and what is not run says nothing.
NOT_RUN = "not run"
VERDICTS = ("supported", "contradicted", "undecided", NOT_RUN)

#: Name of what needs no test.
COMPUTED = "computed, float64"


class TooFewRuns(ValueError):  # noqa: N818 - it says what is the case, not what went wrong
    """There are not the runs that a test needs; the message says which are missing."""


class NotRun(TooFewRuns):
    """No run at all is there of what a test is about."""


@dataclass(frozen=True)
class Range:
    """The values that a claim speaks of, ends included."""

    low: float = -np.inf
    high: float = np.inf

    def holds(self, values: pd.Series) -> pd.Series:
        """Which values lie in it."""
        return (values >= self.low) & (values <= self.high)

    def scaled(self, factor: float) -> Range:
        """The range whose finite ends are so many times as far from 0."""
        return Range(self.low * factor, self.high * factor)

    def is_within(self, other: Range) -> bool:
        """Whether every value in it is in the other one."""
        return other.low <= self.low and self.high <= other.high

    def __str__(self) -> str:
        if np.isinf(self.high):
            return f"at least {self.low:g}"
        if np.isinf(self.low):
            return f"at most {self.high:g}"
        same = -self.low == self.high
        return f"within ±{self.high:g}" if same else f"within {self.low:g} to {self.high:g}"


def _nothing(_: float) -> tuple[float, float]:
    return np.nan, np.nan


@dataclass(frozen=True)
class Test:
    """The outcome of a test, or of several taken together.

    Attributes
    ----------
    name : str
        What was done.
    numbers : str
        What was found, as text.
    p_for, p_against : float
        Probability of runs so favourable if the claim is false, and of runs so unfavourable
        if it is true.
    effect : float
        The estimate.
    interval : callable
        The interval of the effect whose ends the one-sided tests at a level see.
    n : int
        Repetitions.
    reach : str
        The smallest effect that would be found in four of five cases, in words.
    """

    __test__ = False  # not one of pytest's

    name: str
    numbers: str
    p_for: float
    p_against: float
    effect: float = np.nan
    interval: Callable[[float], tuple[float, float]] = field(
        default=_nothing, compare=False, repr=False
    )
    n: int = 0
    reach: str = ""

    @property
    def verdict(self) -> str:
        """``supported``, ``contradicted`` or ``undecided``, at the level `ALPHA`."""
        if self.p_for <= ALPHA:
            return "supported"
        return "contradicted" if self.p_against <= ALPHA else "undecided"


def every(tests: Mapping[str, Test]) -> Test:
    """The test of all claims together.

    All are supported if each is, at the same level (an intersection–union test). That at least one
    is false is shown by the smallest p-value times their number (Bonferroni). Nothing is assumed on
    how they depend on one another.

    Parameters
    ----------
    tests : mapping of Test
        By what tells one from another, for the numbers; all of one kind. The effect is that of
        the one that is least supported.
    """
    if len(tests) == 1:
        return next(iter(tests.values()))
    least = max(tests.values(), key=lambda test: (test.p_for, -test.p_against))
    return replace(
        least,
        name=f"{least.name}, each of {len(tests)}",
        numbers="; ".join(f"{label}: {test.numbers}" for label, test in tests.items()),
        p_for=max(test.p_for for test in tests.values()),
        p_against=min(1.0, len(tests) * min(test.p_against for test in tests.values())),
    )


def share(values: pd.Series, wanted: Range, least: float = 0.5) -> Test:
    """Exact binomial test that more than a share of repetitions have a value in a range.

    Its level holds for values of any distribution. With a share of one half and a range that has
    one end it is the sign test: that the median is beyond that end.

    Parameters
    ----------
    values : pandas.Series
        One a repetition, independent.
    wanted : Range
    least : float
        The share that must be exceeded.

    Raises
    ------
    TooFewRuns
        If there are no values.
    """
    n = len(values)
    if n == 0:
        raise TooFewRuns("no repetition to count")
    hits = int(wanted.holds(values).sum())

    low, high = _clopper_pearson(hits, n, ALPHA)
    return Test(
        f"exact binomial test, more than {least:.0%}",
        f"{hits} of {n} ({hits / n:.0%} [{low:.0%}, {high:.0%}]); median "
        f"{np.median(values):.4g}, mean {np.mean(values):.4g}",
        float(stats.binom.sf(hits - 1, n, least)),
        float(stats.binom.cdf(hits, n, least)),
        hits / n,
        partial(_clopper_pearson, hits, n),
        n,
        _share_reached(n, least),
    )


@lru_cache
def _clopper_pearson(hits: int, n: int, level: float) -> tuple[float, float]:
    """The exact interval of a share, whose ends one-sided tests at a level see."""
    found = stats.binomtest(hits, n).proportion_ci(1 - 2 * level)
    return float(found.low), float(found.high)


@lru_cache
def _share_reached(n: int, least: float) -> str:
    """The smallest share that is found with `POWER`, in words."""
    needed = int(stats.binom.isf(ALPHA, n, least)) + 1
    if needed > n:
        return "nothing"
    reached = optimize.brentq(lambda p: stats.binom.sf(needed - 1, n, p) - POWER, least, 1)
    return f"a share of {reached:.0%}"


def computed(agrees: bool, numbers: str) -> Test:
    """The outcome of a computation without sampling: it holds or it does not."""
    return Test(COMPUTED, numbers, float(not agrees), float(agrees))
