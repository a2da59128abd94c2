"""The tests behind the verdicts: textbook cases and closed forms. Levels are in test_levels.py."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rknet.study.claims import disjoint
from rknet.study.statistics import Range, Test, TooFewRuns, computed, every, share

#: Student (1908), the sleep data: extra hours with two drugs, ten patients.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def counted(hits, n, least=0.5):
    return share(pd.Series([1.0] * hits + [0.0] * (n - hits)), Range(low=0.5), least)


def test_students_sleep_data_by_signs():
    # Nine of ten differences are at least 0.1, one is 0: P(9 or 10 of 10) = 11/1024.
    test = share(pd.Series(np.subtract(SECOND, FIRST)), Range(low=0.1))
    assert test.p_for == pytest.approx(11 / 1024)
    assert test.p_against == pytest.approx(1 - 1 / 1024)
    assert (test.effect, test.n, test.verdict) == (0.9, 10, "supported")
    assert test.numbers.startswith("9 of 10 (90% [61%, 99%]); median 1.3, mean 1.58")


def test_both_sides_are_the_same_question():
    values = pd.Series([0.1, 0.2, 3.0, 4.0, 5.0, -1.0])
    above, below = share(values, Range(low=1)), share(values, Range(high=0.999))
    assert above.p_for == pytest.approx(below.p_against)
    assert above.p_against == pytest.approx(below.p_for)


def test_counts_in_closed_form():
    assert counted(8, 8).p_for == pytest.approx(1 / 256)
    assert counted(0, 8).p_against == pytest.approx(1 / 256)
    assert counted(29, 29, 0.9).p_for == pytest.approx(0.9**29)
    assert counted(29, 29, 0.9).verdict == "supported"
    assert counted(28, 28, 0.9).verdict == "undecided"


def test_four_repetitions_say_nothing_and_five_may():
    assert {counted(hits, 4).verdict for hits in range(5)} == {"undecided"}
    assert counted(4, 4).reach == "nothing"
    assert (counted(5, 5).verdict, counted(0, 5).verdict) == ("supported", "contradicted")


def test_clopper_and_pearsons_interval():
    # The ends are quantiles of beta distributions.
    low, high = counted(15, 20).interval(0.05)
    assert low == pytest.approx(stats.beta.ppf(0.05, 15, 6))
    assert high == pytest.approx(stats.beta.ppf(0.95, 16, 5))
    assert counted(20, 20).interval(0.05) == (pytest.approx(0.05 ** (1 / 20)), 1.0)


@pytest.mark.parametrize(("hits", "n"), [(5, 5), (12, 16), (23, 64), (11, 16), (10, 20)])
def test_the_interval_is_what_the_one_sided_tests_see(hits, n):
    test = counted(hits, n)
    low, high = test.interval(0.05)
    assert (test.p_for <= 0.05) == (low >= 0.5)
    assert (test.p_against <= 0.05) == (high <= 0.5)


@pytest.mark.parametrize(("n", "needed"), [(8, 7), (16, 12), (64, 40)])
def test_what_is_said_to_be_reached_is_found_in_four_of_five_cases(n, needed):
    reached = int(counted(n, n).reach.removeprefix("a share of ").rstrip("%")) / 100
    assert stats.binom.sf(needed - 1, n, reached) == pytest.approx(0.8, abs=0.03)


def test_ranges_have_their_ends():
    values = pd.Series([-1.0, 0.0, 1.0, 2.0])
    assert Range(-1, 1).holds(values).tolist() == [True, True, True, False]
    assert [str(one) for one in (Range(low=2), Range(high=80), Range(-1, 1), Range(87, 93))] == [
        "at least 2", "at most 80", "within ±1", "within 87 to 93"]  # fmt: skip


def test_every():
    yes, no = Test("t", "1", 0.01, 0.99), Test("t", "2", 0.99, 0.01)
    both = every({"a": yes, "b": no})
    assert (both.p_for, both.p_against) == (0.99, 0.02)
    assert both.numbers == "a: 1; b: 2"
    assert every({"a": yes, "b": yes}).verdict == "supported"
    assert both.verdict == "contradicted"


def test_the_effect_of_several_is_that_of_the_least_supported():
    of_all = every({"a": counted(16, 16), "b": counted(9, 16), "c": counted(12, 16)})
    assert (of_all.effect, of_all.n) == (9 / 16, 16)
    assert every({"": counted(3, 4)}) == counted(3, 4)


def test_what_is_computed_needs_no_probability():
    assert computed(True, "").verdict == "supported"
    assert computed(False, "").verdict == "contradicted"


def test_too_few_runs_are_said_to_be():
    with pytest.raises(TooFewRuns, match="no repetition"):
        share(pd.Series([], dtype=float), Range(low=0))
    with pytest.raises(TooFewRuns, match="two seeds"):
        disjoint(pd.Series([1.0]))


def test_disjoint_pairs_use_every_seed_once():
    values = pd.Series([30.0, 10.0, 20.0, 40.0, 50.0], index=[3, 0, 2, 7, 9])
    assert disjoint(values).to_numpy().tolist() == [[10, 20], [30, 40]]
