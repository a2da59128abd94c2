"""Measures of features by layer, by hand and on clouds whose values are known."""

import numpy as np
import pytest

from rknet.study import layers
from rknet.study.layers import by_layer, local_shares, silhouette

ALL_ONE = np.zeros(2, dtype=int)


def cloud(*means, spread=1.0, dimension=2, samples=2000):
    """Gaussian classes about these means, with their labels."""
    rng = np.random.default_rng(0)
    y = [spread * rng.standard_normal((samples, dimension)) + mean for mean in means]
    return np.concatenate(y), np.repeat(np.arange(len(means)), samples)


def test_norms_by_hand():
    y = [np.array([[3.0, 4.0], [-3.0, -4.0]]), np.array([[1.0, 0.0], [2.0, 0.0]])]
    frame = by_layer(y, ALL_ONE)
    assert frame["layer"].tolist() == [0, 1]
    assert frame["mean_norm"].tolist() == [5, 1.5]
    assert frame["relative_norm"].tolist() == [1, 0.3]
    assert frame["mean_spread"].tolist() == [5, 0.5]
    assert frame["relative_spread"].tolist() == [1, 0.1]


@pytest.mark.parametrize("distance", [1.0, 4.0])
def test_the_fisher_ratio_of_gaussian_clouds(distance):
    """Means ±δ/2 apart scatter by δ²/4 between classes, and two axes of variance 1 by 2 within."""
    y, labels = cloud([-distance / 2, 0], [distance / 2, 0])
    found = by_layer([y, 3 * y], labels)["fisher_ratio"]
    assert found[0] == pytest.approx(distance**2 / 8, rel=0.1)
    assert found[1] == pytest.approx(found[0])


def test_a_straight_path_has_no_detour_and_does_not_turn():
    rng = np.random.default_rng(0)
    start, way = rng.standard_normal((2, 50, 3))
    frame = by_layer([start + t * way for t in (0, 0.1, 0.7, 1)], np.zeros(50, dtype=int))
    np.testing.assert_allclose(frame["detour"], 0, atol=1e-12)
    np.testing.assert_allclose(frame["turning"], 0, atol=1e-6)


def test_a_sample_that_stays_does_not_turn():
    path = np.array([[[0.0, 0]] * 2, [[1, 0]] * 2, [[1, 0]] * 2, [[1, 1]] * 2])
    assert by_layer(path, ALL_ONE)["turning"].tolist() == [0, 0, 0, 0]


def test_half_a_circle_is_half_of_pi_diameters_long_and_turns_by_pi():
    angles = np.linspace(0, np.pi, 1001)
    radii = np.array([1.0, 2.0])[:, None]
    y = [radii * [[np.cos(angle), np.sin(angle)]] for angle in angles]
    frame = by_layer(y, ALL_ONE)
    assert frame["detour"].iloc[-1] == pytest.approx(np.pi / 2 - 1, rel=1e-5)
    assert frame["turning"].iloc[-1] == pytest.approx(np.pi, rel=2e-3)


def test_what_is_added_is_beside_the_span_of_the_lifted_inputs():
    rng = np.random.default_rng(0)
    turned = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    x = np.zeros((200, 4))
    x[:, :2] = rng.standard_normal((200, 2))
    labels = np.repeat([0, 1], 100)
    along, apart = x.copy(), x.copy()
    along[:, :2] *= 7
    apart[:, 2] = np.where(labels == 0, 1, -1)
    frame = by_layer([y @ turned for y in (x, along, apart)], labels)
    spread = np.linalg.norm(x - x.mean(axis=0), axis=1).mean()
    np.testing.assert_allclose(frame["added_spread"], [0, 0, 1 / spread], atol=1e-12)
    assert frame["added_cosine"][2] == pytest.approx(-1)
    # Both classes on the same side are not opposed.
    apart[:, 2] = np.where(labels == 0, 1, 3)
    assert by_layer([x, apart], labels)["added_cosine"][1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        (lambda u, _: [np.cos(u), np.sin(u), 0 * u, 0.5 * np.sin(2 * u)], [1, 0, 0]),
        (lambda u, v: [u, v, np.sin(u), 0 * u], [0.5, 0.5, 0]),
    ],
)
def test_nearby_points_of_a_curve_and_of_a_surface(shape, wanted):
    """A bent curve is locally one axis, a wavy surface two of about the same share."""
    u, v = 2 * np.pi * np.random.default_rng(0).random((2, 2000))
    found = local_shares(np.column_stack(shape(u, v)))[:3]
    np.testing.assert_allclose(found, wanted, atol=0.15)


def test_shares_of_the_last_layer_alone():
    y, labels = cloud([0, 0, 0, 0, 0], dimension=5)
    frame = by_layer([y, y * [2, 1, 1, 1, 1]], labels)
    assert frame["three_axes"].isna().tolist() == [True, False]
    assert frame["three_axes"][1] == pytest.approx(6 / 8, rel=0.05)


def test_features_that_contract_to_a_point_have_no_ratios():
    y, labels = cloud([0, 0], [1, 0], samples=50)
    frame = by_layer([y, 0 * y], labels)
    assert frame.loc[1, ["relative_spread", "added_spread"]].tolist() == pytest.approx([0, 0])
    assert frame.loc[1, ["fisher_ratio", "three_axes", "local_line"]].isna().all()
    assert set(frame.columns) == {"layer", *layers.MEASURES}


def test_the_silhouette_of_classes_that_are_points_mixed_or_swapped():
    y, labels = cloud([0, 0, 0, 0], [9, 0, 0, 0], spread=1e-3, dimension=4, samples=50)
    assert silhouette(y, labels) == pytest.approx(1, abs=1e-3)
    mixed = np.tile([0, 1], 50)
    assert silhouette(y, mixed) == pytest.approx(0, abs=0.05)
    # Two points each: a is the distance across, b the mean of nothing and the distance across.
    corners = np.array([[0.0, 0, 0], [2, 0, 0], [0, 0, 0], [2, 0, 0]])
    assert silhouette(corners, np.array([0, 0, 1, 1])) == pytest.approx(-0.5)


def test_the_silhouette_is_that_of_three_principal_axes():
    """A fourth axis with less variance tells the classes apart in vain."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal((200, 4)) * [9, 9, 9, 0]
    labels = np.repeat([0, 1], 100)
    y[:, 3] = labels
    assert abs(silhouette(y, labels)) < 0.05


def test_of_a_run_that_diverged_nothing_is_known_and_of_few_samples_little():
    y, labels = cloud([0, 0], [1, 0], samples=50)
    frame = by_layer([y, y + 1, y * np.nan], labels)
    assert frame.loc[2, layers.MEASURES].isna().all()
    few = by_layer([y[:1], 2 * y[:1]], labels[:1])
    assert few.loc[1, ["relative_norm", "silhouette"]].isna().tolist() == [False, True]
