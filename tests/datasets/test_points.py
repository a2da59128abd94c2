"""Point datasets: shapes, determinism, and laws that follow from how they are drawn."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from rknet import datasets
from rknet.datasets import named

SHAPES = {
    "donut_1d": (2, 2),
    "donut_2d": (2, 2),
    "donut_4d": (4, 2),
    "squares": (2, 2),
    "squares_3d": (3, 2),
    "spiral": (2, 2),
    "spiral_3d": (3, 2),
    "donut_3d_2c": (3, 2),
    "donut_3d_3c": (3, 3),
    "donut_2d_6c": (2, 6),
    "donut_3d_6c": (3, 6),
    "squares_2d_4c": (2, 4),
    "squares_3d_4c": (3, 4),
}
#: False alarms of a statistical test; seeds are fixed, so a passing test stays passing.
ALPHA = 1e-4


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_types_and_classes(name):
    dimension, classes = SHAPES[name]
    about = named(name).about
    assert (about.dimension, about.classes) == (dimension, classes)
    for x, labels in datasets.draw(name, 0):
        assert x.shape == (1500, dimension)
        assert x.dtype == np.float32
        assert labels.shape == (1500,)
        assert labels.dtype == np.int64
        assert set(labels) == set(range(classes))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("samples", [(1, 1), (7, 30), (2000, 1)])
def test_other_numbers_of_samples(name, samples, tmp_path):
    dataset = named(name).sized(*samples)
    drawn = dataset.draw(0)
    assert tuple(len(split.labels) for split in drawn) == samples
    # As another process makes it, by its definition, and reads it.
    made = datasets.defined(name, dataset.definition)
    assert made.about == dataset.about
    datasets.save(tmp_path / "some.npz", made.draw(0))
    found = datasets.load(tmp_path / "some.npz", name)
    np.testing.assert_array_equal(found.validation.x, drawn.validation.x)


def test_the_usual_numbers_of_samples_are_the_usual_dataset():
    dataset = named("spiral")
    assert dataset.sized(0, 0) is dataset.sized(1500, 0) is dataset
    assert dataset.definition is None
    assert dataset.sized(0, 10).about.samples == (1500, 10)
    assert dataset.sized(20, 0).about.samples == (20, 1500)


@pytest.mark.parametrize("name", ["spiral", "donut_3d_6c"])
def test_a_seed_is_a_dataset(name):
    first, again, other = (datasets.draw(name, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.training.x, again.training.x)
    assert not np.array_equal(first.training.x, other.training.x)
    assert not np.array_equal(first.training.x, first.validation.x)


@pytest.mark.parametrize(
    "name", ["", "spirale", "donut", "donut_0d", "squares_1d", "donut_2d_1c", "donut_02d", "../x"]
)
def test_unknown_names_are_refused(name):
    with pytest.raises(ValueError, match=r"unknown dataset.*donut_{d}d_{K}c"):
        named(name)


class _Silent:
    """A generator whose normal draws are zero after the first: points before their noise."""

    def __init__(self, seed, normals):
        self.rng, self.normals = np.random.default_rng(seed), normals

    def standard_normal(self, shape):
        self.normals -= 1
        return self.rng.standard_normal(shape) if self.normals >= 0 else np.zeros(shape)

    def __getattr__(self, name):
        return getattr(self.rng, name)


def noiseless(name, normals):
    """4000 samples without noise; `normals` draws of normal numbers belong to the points."""
    return drawn(name, _Silent(1, normals))


def drawn(name, rng):
    dataset = named(name)
    return dataset.function(rng, 4000, **dataset.numbers)


def test_donut_1d_labels():
    x, labels = noiseless("donut_1d", 1)
    np.testing.assert_array_equal(labels, np.abs(x[:, 0]) >= 1)
    assert stats.kstest(x[:, 0], stats.uniform(-4, 8).cdf).pvalue > ALPHA


@pytest.mark.parametrize("dimension", [2, 3, 5])
def test_donut_labels(dimension):
    x, labels = noiseless(f"donut_{dimension}d", 1)
    np.testing.assert_array_equal(labels, np.linalg.norm(x / 1.2, axis=1) >= 1)
    inside = stats.chi2(dimension).cdf(1)
    assert stats.binomtest(int((labels == 0).sum()), len(x), inside).pvalue > ALPHA


@pytest.mark.parametrize(("dimension", "classes"), [(2, 6), (3, 2), (3, 3), (3, 6)])
def test_multiclass_donut_labels(dimension, classes):
    x, labels = noiseless(f"donut_{dimension}d_{classes}c", 1)
    radius = np.linalg.norm(x, axis=1)
    for k in range(classes):
        ring = radius[labels == k]
        assert ring.min() >= 4 * k / classes
        assert k == classes - 1 or ring.max() < 4 * (k + 1) / classes


@pytest.mark.parametrize("dimension", [2, 3, 4])
def test_squares_labels(dimension):
    x, labels = noiseless("squares" if dimension == 2 else f"squares_{dimension}d", 0)
    np.testing.assert_array_equal(labels == 0, np.prod(x, axis=1) > 0)
    assert np.abs(x).max() < 4


def test_squares_2d_4c_labels():
    x, labels = noiseless("squares_2d_4c", 0)
    table = {(1, 1): 0, (1, -1): 1, (-1, 1): 2, (-1, -1): 3}
    np.testing.assert_array_equal(labels, [table[tuple(s)] for s in np.sign(x).astype(int)])


def test_squares_3d_4c_labels():
    x, labels = noiseless("squares_3d_4c", 0)
    octants = {0: ("+++", "---"), 1: ("++-", "--+"), 2: ("+--", "-++"), 3: ("+-+", "-+-")}
    table = {octant: k for k, pair in octants.items() for octant in pair}
    signs = ["".join("+" if c > 0 else "-" for c in point) for point in x]
    np.testing.assert_array_equal(labels, [table[s] for s in signs])


def test_spiral_lies_on_its_arms():
    x, labels = noiseless("spiral", 0)
    assert np.bincount(labels).tolist() == [2000, 2000]
    arm = 5 * x * np.where(labels == 0, 1, -1)[:, None]
    radius = np.linalg.norm(arm, axis=1)
    angle = (radius - math.pi) / 2
    expected = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(arm, expected, atol=1e-12)
    # φ = 2π√U, so (φ/2π)² is uniform; the arms share their sample.
    assert stats.kstest((angle[labels == 0] / 2 / math.pi) ** 2, "uniform").pvalue > ALPHA
    np.testing.assert_allclose(np.sort(angle[labels == 0]), np.sort(angle[labels == 1]))


def test_spiral_3d_lies_on_its_arms():
    x, labels = noiseless("spiral_3d", 0)
    angle = 2 * (x[:, 2] + math.pi) + math.pi * labels
    expected = 2.5 * np.column_stack([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(x[:, :2], expected, atol=1e-12)


def test_noise_has_its_size():
    # The distance of noisy points from the noiseless ones, drawn from the same stream.
    for name, size in {
        "squares": 0.3,
        "donut_1d": 0.5,
        "donut_2d": 0.2,
        "donut_3d_3c": 0.2,
    }.items():
        clean, _ = drawn(name, _Silent(2, 0 if name == "squares" else 1))
        noisy, _ = drawn(name, np.random.default_rng(2))
        noise = noisy - clean
        interval = stats.chi2(noise.size).ppf([ALPHA / 2, 1 - ALPHA / 2]) * size**2
        assert interval[0] < (noise**2).sum() < interval[1]


def test_file_round_trip_and_bytes(tmp_path):
    dataset = datasets.draw("spiral", 1)
    datasets.save(tmp_path / "a.npz", dataset)
    datasets.save(tmp_path / "b.npz", dataset)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    loaded = datasets.load(tmp_path / "a.npz", "spiral")
    assert loaded.about == dataset.about == named("spiral").about
    for (x, labels), (y, others) in zip(dataset, loaded, strict=True):
        np.testing.assert_array_equal(x, y)
        np.testing.assert_array_equal(labels, others)


@pytest.mark.parametrize("damage", ["truncated", "missing", "other dataset", "not finite"])
def test_a_bad_file_is_named(tmp_path, damage):
    path = tmp_path / "seed0.npz"
    dataset = datasets.draw("donut_3d_3c" if damage == "other dataset" else "spiral", 0)
    if damage == "not finite":
        dataset.training.x[3, 1] = np.nan
    datasets.save(path, dataset)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:1000])
    if damage == "missing":
        path.unlink()
    with pytest.raises(ValueError, match=r"seed0\.npz.*delete it"):
        datasets.load(path, "spiral")


def test_a_file_must_hold_what_it_says(tmp_path):
    dataset = datasets.draw("spiral", 0)
    for about in (
        dataclasses.replace(dataset.about, dimension=3),
        dataclasses.replace(dataset.about, classes=1),
        dataclasses.replace(dataset.about, samples=(1500, 1499)),
    ):
        datasets.save(tmp_path / "a.npz", dataclasses.replace(dataset, about=about))
        with pytest.raises(ValueError, match=r"a\.npz: the \w+ split is not 1\d\d\d finite"):
            datasets.load(tmp_path / "a.npz")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(data=st.data())
def test_a_flipped_bit_is_found(tmp_path, data):
    """Or it changes nothing that is read, such as a time in the archive's list."""
    path = tmp_path / "seed0.npz"
    dataset = datasets.draw("spiral", 0)
    datasets.save(path, dataset)
    content = bytearray(path.read_bytes())
    # The lists of the archive are at its end, where a flip may do most.
    start = data.draw(st.sampled_from([0, 8 * (len(content) - 1000)]))
    place = data.draw(st.integers(start, 8 * len(content) - 1))
    content[place // 8] ^= 1 << place % 8
    path.write_bytes(content)
    try:
        loaded = datasets.load(path, "spiral")
    except ValueError as error:
        found = str(error)
    else:
        found = "delete it"
        for (x, labels), (y, others) in zip(dataset, loaded, strict=True):
            np.testing.assert_array_equal(x, y)
            np.testing.assert_array_equal(labels, others)
    assert "delete it" in found
