"""The tests behind the verdicts: textbook cases, closed forms, and their rates of error."""

import math

import numpy as np
import pytest
from scipy import stats

from rknet.study.statistics import (
    ALPHA,
    Test,
    TooFewRuns,
    computed,
    every,
    mean_above,
    mean_below,
    mean_within,
    ranks_above,
    reversed_order,
    share_above,
    share_below,
    std_below,
    welch_above,
)

#: Student (1908), the sleep data: extra hours with two drugs, ten patients.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
#: Hollander & Wolfe (1973), p. 69: permeability of the human chorioamnion.
TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLY = [1.15, 0.88, 0.90, 0.74, 1.21]
#: Hollander & Wolfe (1973), p. 185: lightness and quality of canned tuna.
LIGHTNESS = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
QUALITY = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]


def test_students_sleep_data_paired():
    # t = 4.0621, 9 degrees of freedom, two-sided p = 0.002833.
    test = mean_above(np.subtract(SECOND, FIRST))
    assert test.p_for == pytest.approx(0.002833 / 2, rel=1e-3)
    assert test.p_against == pytest.approx(1 - 0.002833 / 2, rel=1e-3)
    opposite = mean_below(np.subtract(SECOND, FIRST))
    assert (opposite.p_for, opposite.p_against) == (test.p_against, test.p_for)


def test_students_sleep_data_as_two_samples():
    # t = 1.8608, 17.776 degrees of freedom, two-sided p = 0.07939.
    test = welch_above(SECOND, FIRST)
    assert test.p_for == pytest.approx(0.07939 / 2, rel=1e-3)
    assert "df = 17.8" in test.numbers


def test_mann_whitney_by_the_textbook():
    # W = 35, one-sided p = 0.1272.
    assert ranks_above(TERM, EARLY).p_for == pytest.approx(0.1272, abs=5e-5)


def test_mann_whitney_of_four_against_four():
    test = ranks_above([98, 97, 98, 98], [50, 50, 70, 51], 10)
    assert test.p_for == pytest.approx(1 / 70)
    assert ranks_above([98, 97, 98, 98], [50, 50, 97, 51], 10).verdict == "undecided"


def test_kendall_by_the_textbook():
    # T = 26, τ = 0.4444, one-sided p = 0.05972.
    test = reversed_order(LIGHTNESS, QUALITY)
    assert test.p_against == pytest.approx(0.05972, abs=5e-6)
    assert "0.444" in test.numbers


def test_equivalence_in_closed_form():
    # One degree of freedom: P(T > t) = 1/2 − arctan(t)/π; here t = 10 on both sides.
    test = mean_within([-0.1, 0.1], -1, 1)
    assert test.p_for == pytest.approx(0.5 - math.atan(10) / math.pi)
    assert test.verdict == "supported"


def test_a_spread_in_closed_form():
    # Two degrees of freedom: P(χ² ≤ x) = 1 − exp(−x/2); here x = 2.
    test = std_below([1.0, 2.0, 3.0], 1.0)
    assert test.p_for == pytest.approx(1 - math.exp(-1))
    assert test.p_against == pytest.approx(math.exp(-1))


def test_counts_in_closed_form():
    assert share_above(8, 8).p_for == pytest.approx(1 / 256)
    assert share_above(4, 4).verdict == "undecided"
    assert share_below(0, 8, 0.5).p_for == pytest.approx(1 / 256)


def test_the_interval_is_what_the_one_sided_tests_see():
    test = mean_above([1.0, 2.0, 3.0, 4.0])
    half = stats.t.ppf(0.95, 3) * math.sqrt(5 / 3) / 2
    assert test.numbers == f"2.5 [{2.5 - half:.4g}, {2.5 + half:.4g}], n = 4"


def test_equal_runs_prove_only_what_rounding_allows():
    # t = 1 / (√(1/6) / √2) = √12 with one degree of freedom.
    once = mean_above([1.0, 1.0], step=1)
    assert once.p_for == pytest.approx(0.5 - math.atan(math.sqrt(12)) / math.pi)
    assert once.verdict == "undecided"
    assert mean_above([0.0, 0.0, 0.0]).p_for == pytest.approx(0.5)


def test_every():
    yes, no = Test("t", "1", 0.01, 0.99), Test("t", "2", 0.99, 0.01)
    both = every({"a": yes, "b": no})
    assert (both.p_for, both.p_against) == (0.99, 0.02)
    assert both.numbers == "a: 1; b: 2"
    assert every({"a": yes, "b": yes}).verdict == "supported"
    assert both.verdict == "contradicted"


def test_what_is_computed_needs_no_probability():
    assert computed(True, "").verdict == "supported"
    assert computed(False, "").verdict == "contradicted"


@pytest.mark.parametrize(
    "call",
    [
        lambda: mean_above([1.0]),
        lambda: mean_within([], 0, 1),
        lambda: std_below([1.0], 1),
        lambda: ranks_above([], [1.0]),
        lambda: share_above(0, 0),
        lambda: reversed_order([1, 2, 3], [3, 2, 1]),
    ],
)
def test_too_few_runs_are_said_to_be(call):
    with pytest.raises(TooFewRuns):
        call()


def rate(test, draw, verdict, trials=2000):
    """How often a test of samples drawn from one law gives a verdict."""
    rng = np.random.default_rng(3)
    return sum(test(draw(rng)).verdict == verdict for _ in range(trials)), trials


@pytest.mark.parametrize("n", [2, 4, 20])
@pytest.mark.parametrize("end", [-100, 100])
def test_equivalence_errs_at_its_level(n, end):
    """With the true mean on the margin, 5 % are called equivalent."""
    found, trials = rate(
        lambda x: mean_within(x, -100, 100), lambda rng: rng.normal(end, 1, n), "supported"
    )
    # Wrong with probability 1e-4 if the rate is 5 %.
    assert stats.binomtest(found, trials, ALPHA).pvalue > 1e-4


@pytest.mark.parametrize("n", [2, 4, 20])
def test_equivalence_is_refuted_wrongly_no_more_often_than_its_level(n):
    for spread in (0.2, 5):
        found, trials = rate(
            lambda x: mean_within(x, -1, 1),
            lambda rng, s=spread: rng.normal(1, s, n),
            "contradicted",
        )
        assert stats.binomtest(found, trials, ALPHA, "greater").pvalue > 1e-4


@pytest.mark.parametrize("verdict", ["supported", "contradicted"])
def test_means_err_at_their_level(verdict):
    found, trials = rate(mean_above, lambda rng: rng.normal(0, 1, 4), verdict)
    assert stats.binomtest(found, trials, ALPHA).pvalue > 1e-4


def test_of_several_true_claims_one_is_refuted_no_more_often_than_the_level():
    def together(samples):
        return every({str(i): mean_above(x) for i, x in enumerate(samples)})

    found, trials = rate(together, lambda rng: rng.normal(0, 1, (9, 4)), "contradicted", 500)
    assert stats.binomtest(found, trials, ALPHA, "greater").pvalue > 1e-4


def test_ranks_err_no_more_often_than_their_level_in_two_heaps():
    """Runs that end at 50 or 98 %, half and half, on both sides."""

    def draw(rng):
        return rng.choice([50.0, 98.0], (2, 4)) + rng.normal(0, 0.1, (2, 4))

    found, trials = rate(lambda x: ranks_above(*x), draw, "supported", 300)
    assert stats.binomtest(found, trials, ALPHA, "greater").pvalue > 1e-4
