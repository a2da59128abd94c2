"""How alike networks are: CKA of known features, grids, and which runs make a pair."""

from dataclasses import replace

import numpy as np
import pytest

from rknet.cell import Cell
from rknet.study.likeness import Answers, cka, grid, pairs, standardised

RNG = np.random.default_rng(0)
CELL = Cell("spiral", "RK4Net", 16, 20)


def alike(x, y):
    return cka(standardised(x), standardised(y))


def test_features_that_are_turned_moved_and_scaled_are_the_same():
    x = RNG.standard_normal((300, 16)) * np.arange(1, 17)
    turned = np.linalg.qr(RNG.standard_normal((16, 16)))[0]
    assert alike(x, x) == pytest.approx(1, rel=1e-5)
    assert alike(x, 3 * x @ turned + 5) == pytest.approx(1, rel=1e-5)


def test_independent_gaussians_are_as_unlike_as_their_number_allows():
    """Of p and q axes and n points, E‖YᵀX‖² = n p q, and ‖XᵀX‖² is about n² p + n p²."""
    p, q, n = 3, 4, 20_000
    x, y = RNG.standard_normal((n, p)), RNG.standard_normal((n, q))
    assert alike(x, y) < 10 * np.sqrt(p * q) / n


def test_cka_by_hand():
    """Of uncorrelated axes with variances (a², b²), one shared: a⁴ / (‖(a², b²)‖ a²)."""
    z = np.linalg.qr(RNG.standard_normal((100, 3)) - 0.0)[0]
    z -= z.mean(axis=0)
    z = np.linalg.qr(z)[0]
    x, y = z[:, :2] * [2, 1], z[:, [0]] * 5
    assert alike(x, y) == pytest.approx(4 / np.hypot(4, 1), rel=1e-5)


@pytest.mark.parametrize(("dimension", "number"), [(2, 400), (3, 343)])
def test_a_grid_covers_the_range_of_the_data(dimension, number):
    x = RNG.random((5000, dimension)) * np.arange(1, dimension + 1)
    points = grid(x)
    assert points.shape == (number, dimension)
    np.testing.assert_allclose(points.min(axis=0), 0.01 * np.arange(1, dimension + 1), atol=0.02)
    np.testing.assert_allclose(points.max(axis=0), 0.99 * np.arange(1, dimension + 1), atol=0.02)
    assert len(np.unique(points[:, 0])) == round(number ** (1 / dimension))


def test_in_many_dimensions_the_grid_is_the_data():
    x = RNG.random((1000, 64))
    np.testing.assert_array_equal(grid(x), x[:400])


def answers(labels, diverged=False, features=None):
    return Answers(features, np.asarray(labels), diverged)


def test_the_share_on_which_two_disagree():
    frame = pairs({(CELL, 0): answers([0, 1, 1, 0]), (CELL, 1): answers([0, 1, 0, 0])})
    (row,) = frame.to_dict("records")
    assert (row["seed"], row["other_seed"], row["disagreement"]) == (0, 1, 0.25)
    assert np.isnan(row["cka"])


def test_every_seed_is_in_one_pair_of_two_cells():
    euler = replace(CELL, network="EulerNet", depth=100)
    other_set = replace(CELL, dataset="squares")
    made = {(c, s): answers([0]) for c in (CELL, euler, other_set) for s in (5, 2, 3, 8, 9)}
    made[CELL, 5] = answers([0], diverged=True)
    frame = pairs(made)
    # Seed 9 has no partner; squares is compared with itself alone.
    assert len(frame) == 2 * (4 + 1)
    assert set(zip(frame["seed"], frame["other_seed"], strict=True)) == {(2, 3), (5, 8)}
    of_spiral = frame[frame["dataset"] == "spiral"]
    assert len(of_spiral.groupby(["network", "other_network"])) == 4
    gone = frame[frame["status"] == "diverged"]
    assert set(gone["network"]) == {"RK4Net"}
    assert set(gone["seed"]) == {5}


def test_without_a_second_seed_there_is_no_pair():
    frame = pairs({(CELL, 0): answers([0])})
    assert frame.empty
    assert {"seed", "other_seed", "cka", "disagreement"} <= set(frame.columns)
