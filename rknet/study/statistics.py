"""Tests that answer yes, no, or undecided.

Every test has two sides. ``p_for`` belongs to the hypothesis that a claim is false: if it is small,
the runs support the claim. ``p_against`` belongs to the hypothesis that the claim is true: if it is
small, the runs contradict it. If neither is small, the claim is undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

#: Level of every test.
ALPHA = 0.05

#: What a test may say, in the order in which it is listed.
VERDICTS = ("supported", "contradicted", "undecided")

#: Runs that agree exactly are taken to differ as rounding makes them: in accuracy by one of 1500
#: points, in cost by what tables print, in epochs and layers by one. Without it, two equal counts
#: would prove anything.
ACCURACY_STEP = 100 / 1500
COST_STEP = 0.001
WHOLE_STEP = 1.0

#: Name of what needs no test.
COMPUTED = "computed, float64"

_SPLITS = 20_000


class TooFewRuns(ValueError):  # noqa: N818 - it says what is the case, not what went wrong
    """There are not the runs that a test needs; the message says which are missing."""


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
    """

    __test__ = False  # not one of pytest's

    name: str
    numbers: str
    p_for: float
    p_against: float

    @property
    def verdict(self) -> str:
        """``supported``, ``contradicted`` or ``undecided``, at the level `ALPHA`."""
        if self.p_for <= ALPHA:
            return "supported"
        return "contradicted" if self.p_against <= ALPHA else "undecided"


def every(tests: Mapping[str, Test]) -> Test:
    """The test of all claims together.

    All are supported if each is, at the same level (an intersection–union test). That at least one
    is false is shown by the smallest p-value times their number (Bonferroni).

    Parameters
    ----------
    tests : mapping of Test
        By what tells one from another, for the numbers; all of one kind.
    """
    return Test(
        f"{next(iter(tests.values())).name}, each of {len(tests)}",
        "; ".join(f"{label}: {test.numbers}" for label, test in tests.items()),
        max(test.p_for for test in tests.values()),
        min(1.0, len(tests) * min(test.p_against for test in tests.values())),
    )


def mean_above(values: Sequence[float], bound: float = 0.0, step: float = ACCURACY_STEP) -> Test:
    """Student's t-test of a mean above `bound`; paired if `values` are differences of pairs.

    Parameters
    ----------
    values : sequence of float
        One a run or pair, normal and independent.
    bound : float, optional
    step : float, optional
        Resolution of the values, see `ACCURACY_STEP`.

    Raises
    ------
    TooFewRuns
        If there are fewer than two values.
    """
    mean, error, freedom = _mean(values, step)
    above = float(stats.t.sf((mean - bound) / error, freedom))
    return Test("t-test", _numbers(mean, error, freedom), above, 1 - above)


def mean_below(values: Sequence[float], bound: float = 0.0, step: float = ACCURACY_STEP) -> Test:
    """Student's t-test of a mean below `bound`, as `mean_above`."""
    above = mean_above(values, bound, step)
    return Test(above.name, above.numbers, above.p_against, above.p_for)


def mean_within(
    values: Sequence[float], low: float, high: float, step: float = ACCURACY_STEP
) -> Test:
    """Equivalence: two one-sided t-tests (TOST) that a mean is between `low` and `high`.

    Against it speaks a mean significantly beyond either end. Parameters and errors as for
    `mean_above`.
    """
    from_below, from_above = mean_above(values, low, step), mean_below(values, high, step)
    return Test(
        "equivalence (TOST)",
        from_below.numbers,
        max(from_below.p_for, from_above.p_for),
        min(1.0, 2 * min(from_below.p_against, from_above.p_against)),
    )


def welch_above(
    first: Sequence[float], second: Sequence[float], step: float = ACCURACY_STEP
) -> Test:
    """Welch's t-test of a mean of `first` above that of `second`, samples drawn independently.

    Raises
    ------
    TooFewRuns
        If either has fewer than two values.
    """
    (m1, e1, f1), (m2, e2, f2) = _mean(first, step), _mean(second, step)
    error = np.hypot(e1, e2)
    freedom = error**4 / (e1**4 / f1 + e2**4 / f2)
    above = float(stats.t.sf((m1 - m2) / error, freedom))
    return Test("Welch's t-test", _numbers(m1 - m2, error, freedom), above, 1 - above)


def wider(first: Sequence[float], second: Sequence[float], step: float = ACCURACY_STEP) -> Test:
    """Levene's test that `first` spreads more than `second`: distances from the mean, by Welch.

    Parameters and errors as for `welch_above`.
    """
    distances = [np.abs(values - np.mean(values)) for values in (first, second)]
    return replace(welch_above(*distances, step), name="Levene's test")


def ranks_above(first: Sequence[float], second: Sequence[float], shift: float = 0.0) -> Test:
    """Exact Mann–Whitney test of `first` above `second` by more than `shift`.

    It does not need normal values, so it also works for cells with runs in two clusters.

    Raises
    ------
    TooFewRuns
        If either sample is empty.
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    if min(len(first), len(second)) == 0:
        raise TooFewRuns("a comparison needs runs on both sides")
    # SciPy's exact distribution knows no ties; permuting the ranks does. All splits are gone
    # through where there are fewer than the limit, as with eight runs a side.
    ranks = stats.rankdata(np.concatenate([first - shift, second]))
    sides = [
        stats.permutation_test(
            (ranks[: len(first)], ranks[len(first) :]),
            _difference_of_means,
            n_resamples=_SPLITS,
            alternative=alternative,
            rng=np.random.default_rng(0),
        ).pvalue
        for alternative in ("greater", "less")
    ]
    numbers = f"medians {np.median(first):.4g} and {np.median(second):.4g}, n = {len(first)}"
    numbers += f" and {len(second)}"
    return Test("exact rank test (Mann–Whitney)", numbers, float(sides[0]), float(sides[1]))


def share_above(hits: int, trials: int, share: float = 0.5) -> Test:
    """Exact binomial test that a run is a hit more often than `share`.

    Raises
    ------
    TooFewRuns
        If there are no trials.
    """
    if trials == 0:
        raise TooFewRuns("no run to count")
    sides = [
        float(stats.binomtest(hits, trials, share, alternative).pvalue)
        for alternative in ("greater", "less")
    ]
    return Test("exact binomial test", f"{hits} of {trials}", *sides)


def share_below(hits: int, trials: int, share: float) -> Test:
    """Exact binomial test that a run is a hit less often than `share`, as `share_above`."""
    above = share_above(hits, trials, share)
    return Test(above.name, above.numbers, above.p_against, above.p_for)


def std_below(values: Sequence[float], bound: float) -> Test:
    """χ²-test that the standard deviation of normal values is below `bound`.

    Raises
    ------
    TooFewRuns
        If there are fewer than two values.
    """
    values = np.asarray(values, float)
    if len(values) < 2:
        raise TooFewRuns(f"a spread needs at least two runs; there are {len(values)}")
    statistic = values.var(ddof=0) * len(values) / bound**2
    below = float(stats.chi2.cdf(statistic, len(values) - 1))
    numbers = f"std {values.std(ddof=1):.4g}, n = {len(values)}"
    return Test("χ²-test of a variance", numbers, below, 1 - below)


def reversed_order(first: Sequence[float], second: Sequence[float]) -> Test:
    """Kendall's τ, exact: whether `second` falls where `first` rises.

    Raises
    ------
    TooFewRuns
        If there are fewer than four pairs; then no order is significant.
    """
    if len(first) < 4:
        raise TooFewRuns(f"an order needs at least four cells; there are {len(first)}")
    less = stats.kendalltau(first, second, alternative="less")
    greater = stats.kendalltau(first, second, alternative="greater")
    numbers = f"τ = {less.statistic:.3f}, n = {len(first)} cells"
    return Test("Kendall's τ", numbers, float(less.pvalue), float(greater.pvalue))


def computed(agrees: bool, numbers: str) -> Test:
    """The outcome of a computation without sampling: it holds or it does not."""
    return Test(COMPUTED, numbers, float(not agrees), float(agrees))


def _difference_of_means(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
    return np.mean(first, axis=axis) - np.mean(second, axis=axis)


def _mean(values: Sequence[float], step: float) -> tuple[float, float, int]:
    """Mean, its standard error and degrees of freedom."""
    values = np.asarray(values, float)
    n = len(values)
    if n < 2:
        raise TooFewRuns(f"a mean with an error needs at least two runs; there are {n}")
    # A difference of two rounded numbers has the variance step²/6.
    std = max(values.std(ddof=1), step / np.sqrt(6))
    return float(values.mean()), float(std / np.sqrt(n)), n - 1


def _numbers(mean: float, error: float, freedom: float) -> str:
    """A mean with the interval that both one-sided tests at `ALPHA` see."""
    half = stats.t.ppf(1 - ALPHA, freedom) * error
    # Sums of decimals leave 1e-15 where 0 is meant.
    low, mean, high = (round(value, 9) + 0.0 for value in (mean - half, mean, mean + half))
    n = f"n = {freedom + 1}" if isinstance(freedom, int) else f"df = {freedom:.1f}"
    return f"{mean:.4g} [{low:.4g}, {high:.4g}], {n}"
