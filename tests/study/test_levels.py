"""Levels, powers and coverage, measured on runs like the real ones, stuck runs included.

Samples are drawn from the runs in ``tests/data``, with replacement. A level is at most the nominal
one and a point.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rknet.show.paper import load_paper
from rknet.study.claims import disjoint
from rknet.study.comparison import Urn, ends_of, in_range, prediction_interval
from rknet.study.statistics import ALPHA, Range, every, share

SIZES = (4, 8, 16, 32, 64)
RUNS = pd.read_csv(Path(__file__).parents[1] / "data/last_epochs.csv")
CELL = ["dataset", "network", "width", "depth", "activation", "lift"]
CLASSES = {"spiral": 2, "donut_1d": 2, "donut_2d": 2, "squares": 2, "donut_3d_2c": 2,
           "donut_3d_3c": 3, "squares_2d_4c": 4, "squares_3d_4c": 4, "donut_2d_6c": 6,
           "donut_3d_6c": 6}  # fmt: skip
#: One point more than nominal, as measured in so many samples, and wrong once in 10,000 cases.
MOST, TRIALS = ALPHA + 0.01, 4000
PUBLICATION = load_paper().publication


def cell(dataset, network, width, depth, lift="random", metric="validation_accuracy"):
    wanted = [dataset, network, width, depth, "tanh", lift]
    found = RUNS[(RUNS[CELL] == wanted).all(axis=1)].sort_values("seed")[metric]
    assert len(found) == 20
    return found.to_numpy()


def spiral(network, depth, lift="random", width=16):
    return cell("spiral", network, width, depth, lift)


#: Quantities of claims whose t-test errs, by how often at most; each has one value a seed.
POOLS = {
    "StandardNet, L 5 less 1": spiral("StandardNet", 5) - spiral("StandardNet", 1),
    "StandardNet, L 5 less 10": spiral("StandardNet", 5) - spiral("StandardNet", 10),
    "StandardNet less RK4Net, L 5": spiral("StandardNet", 5) - spiral("RK4Net", 5),
    "RK4Net, L 10 less 5": spiral("RK4Net", 10) - spiral("RK4Net", 5),
    "RK4Net, L 10 less 5, zeros": spiral("RK4Net", 10, "zeros") - spiral("RK4Net", 5, "zeros"),
    "RK4Net of width 3, L 40": spiral("RK4Net", 40, width=3),
    "StandardNet of width 3, L 5": spiral("StandardNet", 5, width=3),
    "donut_2d_6c, StandardNet less RK4Net": cell("donut_2d_6c", "StandardNet", 16, 5)
    - cell("donut_2d_6c", "RK4Net", 16, 100),
    "squares_2d_4c less squares_3d_4c": cell("squares_2d_4c", "StandardNet", 16, 5)
    - cell("squares_3d_4c", "StandardNet", 16, 5),
}


@lru_cache
def outcomes(n, least):
    """Both p-values for each number of hits, as the test itself gives them."""
    found = [share(pd.Series([1.0] * k + [0.0] * (n - k)), Range(low=0.5), least)
             for k in range(n + 1)]  # fmt: skip
    return np.array([(test.p_for, test.p_against) for test in found])


def rates(hits, n, least):
    """How often the claim is supported, and contradicted, in samples of so many hits."""
    p = outcomes(n, least)[hits]
    return (p <= ALPHA).mean(axis=0)


def sampled(values, n, seed=0, trials=TRIALS):
    return np.random.default_rng(seed).choice(values, (trials, n))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("least", [0.25, 0.5, 0.75, 0.9])
@pytest.mark.parametrize("name", POOLS)
def test_counting_repetitions_has_its_level(name, least, n):
    """At the edge, where exactly the share of the pool's runs is as the claim says."""
    values = np.sort(POOLS[name])
    edge = len(values) - round(least * len(values))
    wanted = Range(low=(values[edge - 1] + values[edge]) / 2)
    true = wanted.holds(values).mean()
    if true != least:  # runs that are equal have no edge between them
        pytest.skip(f"no edge at {least}")
    hits = wanted.holds(sampled(values, n)).sum(axis=1)
    assert (rates(hits, n, least) <= MOST).all()


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("name", POOLS)
def test_equivalence_has_its_level(name, n):
    values = np.sort(POOLS[name])
    middle = np.median(values)
    distances = np.sort(np.abs(values - middle))
    margin = (distances[9] + distances[10]) / 2
    wanted = Range(middle - margin, middle + margin)
    if wanted.holds(values).mean() != 0.5:
        pytest.skip("runs that are equal have no edge between them")
    hits = wanted.holds(sampled(values, n)).sum(axis=1)
    assert (rates(hits, n, 0.5) <= MOST).all()


@pytest.mark.parametrize("n", SIZES)
def test_spreads_are_compared_at_their_level(n):
    """Two cells of the same spread, in two heaps: in half of the pairs of seeds one is wider."""
    values = spiral("StandardNet", 5)
    hits = []
    for seed in range(400):
        one, other = (disjoint(pd.Series(sampled(values, n, 2 * seed + k, 1)[0])) for k in (0, 1))
        wider = (one[0] - one[1]).abs() - (other[0] - other[1]).abs()
        hits.append(int((wider > 0).sum()))
    found = rates(np.array(hits), n // 2, 0.5)
    assert stats.binomtest(round(found[0] * 400), 400, MOST, "greater").pvalue > 1e-4


@pytest.mark.parametrize("n", SIZES)
def test_several_cells_of_a_seed_are_tested_together_at_the_level(n):
    """Cells that share their seeds: they are no more repetitions than seeds."""
    cells = [spiral(network, depth) for network in ("StandardNet", "RK4Net") for depth in (5, 10)]
    edges = [Range(low=np.mean(np.sort(values)[9:11])) for values in cells]
    seeds = np.random.default_rng(3).integers(20, size=(300, n))
    wrong = np.zeros(2)
    for chosen in seeds:
        together = every(
            {str(place): share(pd.Series(values[chosen]), edge)
             for place, (values, edge) in enumerate(zip(cells, edges, strict=True))}
        )  # fmt: skip
        wrong += (together.p_for <= ALPHA, together.p_against <= ALPHA)
    for count in wrong:
        assert stats.binomtest(int(count), 300, MOST, "greater").pvalue > 1e-4


def t_test_errs(values, n):
    """How often a t-test of the true mean says that it is larger, or smaller."""
    x = sampled(values, n)
    # Runs that agree differ as rounding makes them, by one of 1500 points.
    error = np.maximum(x.std(axis=1, ddof=1), 100 / 1500 / np.sqrt(6)) / np.sqrt(n)
    p = stats.t.sf((x.mean(axis=1) - values.mean()) / error, n - 1)
    return max(np.mean(p <= ALPHA), np.mean(p >= 1 - ALPHA))


@pytest.mark.parametrize(
    ("name", "four", "sixteen"),
    [
        ("StandardNet, L 5 less 1", 0.15, 0.12),
        ("StandardNet less RK4Net, L 5", 0.3, 0.15),
        ("RK4Net, L 10 less 5", 0.15, 0.1),
        ("RK4Net, L 10 less 5, zeros", 0.5, 0.3),
        ("RK4Net of width 3, L 40", 0.15, 0.1),
    ],
)
def test_a_t_test_would_err(name, four, sixteen):
    """The reason not to have it: on the same runs, at the same level of 5 %."""
    assert t_test_errs(POOLS[name], 4) > four
    assert t_test_errs(POOLS[name], 16) > sixteen


def test_power():
    """Nine of ten repetitions as the claim says: found with certainty that grows with n."""
    found = {n: rates(np.random.default_rng(0).binomial(n, 0.9, TRIALS), n, 0.5)[0] for n in SIZES}
    # By the binomial distribution: 8 of 8 or 7 of 8; 12 of 16; 22 of 32; 40 of 64.
    exact = {4: 0, 8: stats.binom.sf(6, 8, 0.9), 16: stats.binom.sf(11, 16, 0.9),
             32: stats.binom.sf(21, 32, 0.9), 64: stats.binom.sf(39, 64, 0.9)}  # fmt: skip
    assert found == pytest.approx(exact, abs=0.03)
    assert found[16] > 0.95
    assert share(pd.Series([1.0] * 4), Range(low=0.5)).reach == "nothing"


def covered(of_cell, metric, n, trials=200):
    """How often the mean of four fresh runs, as printed, lies in the prediction interval of n."""
    values = of_cell[f"validation_{metric}"].to_numpy()
    about = of_cell.iloc[0]
    name = "cost" if metric == "cost" else "accuracy_percent"
    found = 0
    fresh = sampled(values, 4, 1, trials).mean(axis=1)
    for ours, mean in zip(sampled(values, n, 2, trials), fresh, strict=True):
        ends = prediction_interval(ours.mean(), ours.std(), n, 4)
        if PUBLICATION.may_stick(about):
            ends += Urn(ours, ends_of(name, CLASSES[about["dataset"]]), 4).interval(0.95)
        low, high = in_range(name, min(ends), max(ends))
        assert low >= 0
        assert high <= 100
        rounding = PUBLICATION.rounding[name]
        found += low - rounding <= mean <= high + rounding
    return found / trials


@pytest.mark.parametrize("n", [4, 20])
def test_prediction_intervals_cover_what_they_say(n):
    """On average over the numbers; of a single one, nearly, with four runs of two heaps."""
    rates = {
        (name, metric): covered(of_cell, metric, n)
        for name, of_cell in RUNS[RUNS["activation"] == "tanh"].groupby(CELL)
        for metric in ("accuracy", "cost")
    }
    assert np.mean(list(rates.values())) >= 0.945
    assert min(rates.values()) >= 0.88, min(rates, key=rates.get)
