"""Datasets by name: where each is defined, and how another one is added."""

import importlib

import numpy as np
import pytest

from rknet import datasets
from rknet.datasets.points import points

NAMES = ("donut_1d", "donut_2d", "donut_3d_6c", "squares", "squares_3d", "squares_2d_4c", "spiral",
         "spiral_3d", "mnist", "fashion_mnist", "digits")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_dataset_says_where_it_is_defined(name):
    """A module's own function, that is: what a fingerprint follows."""
    (root,) = datasets.roots(name)
    module, function = root.split(":")
    found = vars(importlib.import_module(module))[function]
    assert (found.__module__, found.__qualname__) == (module, function)
    assert module.startswith("rknet.datasets.")


def test_datasets_do_not_share_their_definition():
    alike = {("donut_2d", "donut_5d"), ("donut_2d_3c", "donut_3d_6c")}
    assert all(datasets.roots(one) == datasets.roots(other) for one, other in alike)
    assert len({datasets.roots(name) for name in NAMES}) == len(NAMES)


@pytest.fixture
def added():
    """A dataset that is added by one function."""

    @points("stripes_{K}c", dimension=1)
    def stripes(rng, samples, K):
        labels = rng.integers(K, size=samples)
        return labels[:, None] + rng.random((samples, 1)) / 2, labels

    yield stripes
    del datasets.DATASETS._kinds["stripes_{K}c"]
    datasets.named.cache_clear()


@pytest.mark.usefixtures("added")
def test_a_function_with_a_name_is_a_dataset():
    dataset = datasets.draw("stripes_5c", 0)
    about = dataset.about
    assert (about.name, about.dimension, about.classes) == ("stripes_5c", 1, 5)
    assert about.class_names == ("0", "1", "2", "3", "4")
    for x, labels in dataset:
        np.testing.assert_array_equal(np.floor(x[:, 0]), labels)
    with pytest.raises(ValueError, match=r"unknown dataset 'stripe_5c'; .*stripes_\{K\}c"):
        datasets.named("stripe_5c")


@pytest.mark.usefixtures("added")
def test_a_name_is_given_once():
    with pytest.raises(ValueError, match=r"two kinds of dataset called 'stripes_\{K\}c'"):
        points("stripes_{K}c", dimension=2)(lambda rng, samples, K: None)
