"""Tables of scikit-learn: their sizes, their splits, and what is refused."""

import re

import numpy as np
import pytest
import sklearn.datasets
import torch
from hypothesis import given
from hypothesis import strategies as st

import rknet
from rknet import datasets
from rknet.datasets.splitting import split_rows

#: From the tables' own descriptions: dimension, and rows of each class.
TABLES = {"iris": (4, (50, 50, 50)), "wine": (13, (59, 71, 48)), "breast_cancer": (30, (212, 357))}


@pytest.mark.parametrize("name", TABLES)
def test_all_rows_are_drawn_once_and_every_class_in_proportion(name):
    dimension, counts = TABLES[name]
    dataset = datasets.draw(name, 0)
    about = dataset.about
    assert (about.dimension, about.classes) == (dimension, len(counts))
    assert sum(about.samples) == sum(counts)
    labels = [split.labels for split in dataset]
    assert tuple(map(len, labels)) == about.samples
    assert tuple(np.bincount(np.concatenate(labels))) == counts
    for part in labels:
        found, wanted = np.bincount(part) / len(part), np.array(counts) / sum(counts)
        assert np.abs(found - wanted).max() < 1 / len(part)


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_the_published_ones_scaled_by_the_training_part(name):
    """Each row fits one published row: scaling by the training part's statistics is affine."""
    published, labels = getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
    training, validation = datasets.draw(name, 3)
    np.testing.assert_allclose(training.x.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(training.x.std(0), 1, rtol=1e-5)
    # The scale of all rows leads back to the published numbers.
    x = np.concatenate([training.x, validation.x]).astype(float)
    back = (x - x.mean(0)) / x.std(0)
    wanted = (published - published.mean(0)) / published.std(0)
    distances = np.abs(back[:, None] - wanted[None]).max(axis=2)
    rows = distances.argmin(axis=1)
    assert distances.min(axis=1).max() < 1e-4
    assert len(set(rows)) == len(np.unique(published, axis=0))
    found = np.concatenate([training.labels, validation.labels])
    np.testing.assert_array_equal(found, labels[rows])


def test_repetitions_split_again_and_can_be_repeated():
    first, again, other = (datasets.draw("iris", seed).training for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.x, again.x)
    assert not np.array_equal(first.labels, other.labels)


def test_other_sizes():
    small = datasets.draw("iris", 0).about
    sized = datasets.named("iris").sized(30, 12)
    drawn = sized.draw(0)
    assert [len(split.labels) for split in drawn] == [30, 12]
    assert list(np.bincount(drawn.validation.labels)) == [4, 4, 4]
    assert (small.samples, sized.definition) == ((75, 75), {"training": 30, "validation": 12})
    for samples, found in (((100, 51), "100 + 51"), ((2, 20), "2 + 20")):
        with pytest.raises(ValueError, match=re.escape(found) + ".*expected at least 3 in each"):
            datasets.named("iris").sized(*samples)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4)), min_size=2))
def test_a_split_has_the_numbers_asked_for_and_no_row_twice(counts):
    training, validation, rest = np.array(counts).T
    labels = np.repeat(np.arange(len(counts)), training + validation + rest)
    rng = np.random.default_rng(0)
    rng.shuffle(labels)
    first, second = split_rows(rng, labels, training, validation)
    for rows, wanted in ((first, training), (second, validation)):
        np.testing.assert_array_equal(np.bincount(labels[rows], minlength=len(counts)), wanted)
    assert len({*first, *second}) == len(first) + len(second)


def test_a_network_learns_iris():
    torch.manual_seed(0)
    net = rknet.RK4Net(4, 8, 2, 3, lift="zeros", step_size=0.5)
    history = rknet.fit(net, datasets.draw("iris", 0), epochs=20, learning_rate=0.01)
    assert history.epochs[-1].validation_accuracy_percent > 85  # a third is chance
