"""Group-sequential boundaries against published ones, and what looking again does to errors."""

import numpy as np
import pytest
from scipy import stats

from rknet.study.sequential import (
    FUTILE,
    LOOKS,
    Look,
    conditional_power,
    crossing,
    decide,
    kim_demets,
    nominal_levels,
)


def scores(looks, count, drift=0.0, seed=0):
    """Scores of `count` studies at their looks; `drift` is the mean of the last score."""
    shares = np.array(looks) / looks[-1]
    steps = np.diff(shares, prepend=0)
    walk = np.random.default_rng(seed).normal(drift * steps, np.sqrt(steps), (count, len(looks)))
    return walk.cumsum(axis=1) / np.sqrt(shares)


def rate(found, probability, count):
    """Whether a count of events is one that the probability allows, but for 1 in 10,000."""
    return stats.binomtest(int(found), count, probability).pvalue > 1e-4


def lan_demets(share, alpha):
    """Spend as O'Brien and Fleming's boundaries do, nearly: 2 − 2Φ(z₁₋α/₂ / √t)."""
    return 2 * stats.norm.sf(stats.norm.isf(alpha / 2) / np.sqrt(share))


def test_lan_and_demets_published_boundaries():
    # Lan and DeMets (1983), O'Brien–Fleming type, five equal looks, 2.5 % one-sided.
    levels = nominal_levels((1, 2, 3, 4, 5), 0.025, lan_demets)
    assert stats.norm.isf(levels) == pytest.approx(
        [4.8769, 3.3570, 2.6803, 2.2898, 2.0310], abs=1e-4
    )


@pytest.mark.parametrize(("looks", "bound"), [(2, 2.178), (3, 2.289), (4, 2.361), (5, 2.413)])
def test_pococks_published_boundaries_have_their_level(looks, bound):
    shares = np.arange(1, looks + 1) / looks
    assert sum(crossing(shares, [bound] * looks)) == pytest.approx(0.025, abs=5e-5)


@pytest.mark.parametrize(("looks", "last"), [(2, 1.977), (3, 2.004), (4, 2.024), (5, 2.040)])
def test_obrien_and_flemings_published_boundaries_have_their_level(looks, last):
    shares = np.arange(1, looks + 1) / looks
    assert sum(crossing(shares, last / np.sqrt(shares))) == pytest.approx(0.025, abs=5e-5)


def test_two_looks_of_kim_and_demets_by_the_bivariate_normal():
    first, second = nominal_levels((1, 2), 0.05)
    assert first == pytest.approx(0.05 / 4)
    law = stats.multivariate_normal(cov=[[1, np.sqrt(0.5)], [np.sqrt(0.5), 1]])
    assert 1 - law.cdf(stats.norm.isf([first, second])) == pytest.approx(0.05, abs=1e-6)


def test_the_levels_of_the_planned_looks():
    assert nominal_levels() == pytest.approx(
        [0.000195, 0.00063, 0.00256, 0.01056, 0.0441], rel=2e-3
    )
    assert crossing(np.array(LOOKS) / 64, stats.norm.isf(nominal_levels())) == pytest.approx(
        np.diff([kim_demets(look / 64, 0.05) for look in (0, *LOOKS)]), rel=1e-4
    )


def test_all_looks_together_keep_the_level_where_unspent_ones_do_not():
    count = 200_000
    p = stats.norm.sf(scores(LOOKS, count))
    assert rate((p <= nominal_levels()).any(axis=1).sum(), 0.05, count)
    assert (p <= 0.05).any(axis=1).mean() > 0.12


def test_one_look_is_an_ordinary_test():
    assert nominal_levels((7,), 0.05) == pytest.approx((0.05,))


@pytest.mark.parametrize("looks", [(), (0, 4), (4, 4), (8, 4)])
def test_looks_ascend(looks):
    with pytest.raises(ValueError, match="looks must ascend"):
        nominal_levels(looks)


def test_a_verdict_is_final():
    later = [Look(4, 0.0001, 0.9999), Look(8, 0.6, 0.4)]
    assert [decide(later[:n]).verdict for n in (1, 2)] == ["supported"] * 2
    assert decide(later).repetitions == 4
    against = decide([Look(4, 0.99, 0.01), Look(8, 0.9999, 0.0001)])
    assert (against.verdict, against.repetitions) == ("contradicted", 8)


def test_what_is_open_goes_on_until_the_last_look_or_is_futile():
    trend = [Look(n, 0.1, 0.9) for n in LOOKS]
    assert [decide(trend[:n]).verdict for n in range(1, 6)] == ["go on"] * 4 + ["undecided"]
    none = [Look(n, 0.5, 0.5) for n in LOOKS]
    assert [decide(none[:n]).verdict for n in (1, 2, 3, 5)] == [
        "go on",
        "go on",
        "futile",
        "futile",
    ]
    stopped = decide(none)
    assert stopped.repetitions == 16
    assert stopped.level == nominal_levels()[2]


@pytest.mark.parametrize("at", [(), (8,), (4, 16)])
def test_only_planned_looks_count(at):
    with pytest.raises(ValueError, match="planned"):
        decide([Look(n, 0.5, 0.5) for n in at])


@pytest.mark.parametrize(("p", "done"), [(0.05, 2), (0.2, 3), (0.3, 4)])
def test_conditional_power_by_simulation(p, done):
    count, shares = 100_000, np.array(LOOKS) / 64
    score = stats.norm.isf(p)
    drift = score / np.sqrt(shares[done - 1])
    steps = np.diff(shares[done - 1 :])
    walk = np.random.default_rng(1).normal(drift * steps, np.sqrt(steps), (count, len(steps)))
    height = score * np.sqrt(shares[done - 1]) + walk.cumsum(axis=1)
    bounds = stats.norm.isf(nominal_levels()[done:])
    reached = (height / np.sqrt(shares[done:]) > bounds).any(axis=1)
    assert rate(reached.sum(), conditional_power(p, done), count)


def test_stopping_for_futility_errs_in_no_direction_and_costs_little_power():
    """With an effect that 64 repetitions find in 95 % of cases, and with none."""
    outcomes = {}
    for name, drift in (("none", 0.0), ("some", 3.29)):
        p = stats.norm.sf(scores(LOOKS, 2000, drift, seed=2))
        outcomes[name] = [
            decide([Look(n, one, 1 - one) for n, one in zip(LOOKS, row, strict=True)]) for row in p
        ]
    wrong = sum(found.verdict == "supported" for found in outcomes["none"])
    assert stats.binomtest(wrong, 2000, 0.05, alternative="greater").pvalue > 1e-4
    right = np.mean([found.verdict == "supported" for found in outcomes["some"]])
    assert right > 0.85
    assert np.mean([found.verdict == "futile" for found in outcomes["none"]]) > 0.5
    assert np.mean([found.repetitions for found in outcomes["some"]]) < 45


def test_a_futile_verdict_had_less_than_the_stated_power():
    for p in (0.01, 0.2, 0.3, 0.4, 0.5):
        found = decide([Look(4, 0.5, 0.5), Look(8, 0.5, 0.5), Look(16, p, 1 - p)])
        power = max(conditional_power(p, 3), conditional_power(1 - p, 3))
        if found.verdict == "futile":
            assert power < FUTILE
        elif found.verdict == "go on":
            assert found.power == pytest.approx(power)
            assert power >= FUTILE
