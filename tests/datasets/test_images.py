"""Image datasets: what is drawn from which images, on files of the right form."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from rknet import datasets
from rknet.datasets import named
from rknet.datasets.image_files import sources

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
IMAGES = ("mnist", "fashion_mnist", "digits")


@pytest.fixture
def published(monkeypatch, tmp_path):
    """Files as MNIST's, in which every image has its number in its first three pixels."""
    for split, count in (("train", 2000), ("t10k", 1600)):
        pictures = np.zeros((count, 28, 28), np.uint8)
        pictures[:, 0, 0], pictures[:, 0, 1] = np.divmod(np.arange(count), 256)
        pictures[:, 0, 2] = 255 if split == "train" else 0
        for kind, array in (
            ("images", pictures),
            ("labels", (np.arange(count) % 10).astype(np.uint8)),
        ):
            head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            content = head + array.tobytes()
            (tmp_path / f"{split}-{kind}-idx{array.ndim}-ubyte").write_bytes(content)
            checksum = hashlib.sha256(content).hexdigest()
            monkeypatch.setitem(sources.CHECKSUMS["mnist"], f"{split}-{kind}", checksum)
    return {"mnist": {"folders": [str(tmp_path)], "mirrors": []}}


def numbers(x):
    return np.rint(255 * x[:, 0]).astype(int) * 256 + np.rint(255 * x[:, 1]).astype(int)


def test_every_name_is_described():
    for name in IMAGES:
        about = named(name).about
        side, _ = about.image_shape
        assert about.name == name
        assert (about.dimension, about.classes) == (side * side, 10)
        assert len(set(about.class_names)) == 10
    assert named("fashion_mnist").about.class_names[9] == "Ankle boot"
    assert named("spiral").about.image_shape is None
    with pytest.raises(ValueError, match=r"fashion_mnist, .*, mnist"):
        named("cifar")


def test_splits_come_from_their_own_images_without_replacement(published):
    training, validation = datasets.draw("mnist", 0, published)
    assert training.x.shape == validation.x.shape == (1500, 784)
    assert (training.x.dtype, training.labels.dtype) == (np.float32, np.int64)
    for split, mark, count in ((training, 1, 2000), (validation, 0, 1600)):
        assert set(split.x[:, 2]) == {mark}
        found = numbers(split.x)
        assert len(set(found)) == 1500
        assert found.max() < count
        np.testing.assert_array_equal(split.labels, found % 10)


def test_other_numbers_of_images(published):
    drawn = datasets.drawn(named("mnist").sized(1900, 50), 0, published)
    assert [len(split.labels) for split in drawn] == [1900, 50]
    digits = datasets.defined("digits", {"training": 1000, "validation": 797}).draw(0)
    every = np.concatenate([split.x for split in digits])
    assert len(np.unique(every, axis=0)) == len(np.unique(load_digits().data, axis=0))


@pytest.mark.parametrize(
    ("name", "samples"),
    [("mnist", (60_001, 1)), ("fashion_mnist", (1, 10_001)), ("digits", (1000, 798))],
)
def test_more_images_than_there_are_are_refused(name, samples):
    with pytest.raises(ValueError, match=f"found {samples[0]} . {samples[1]} samples of {name}"):
        named(name).sized(*samples)


def test_a_seed_is_a_dataset(published):
    first, again, other = (datasets.draw("mnist", seed, published) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.training.x, again.training.x)
    np.testing.assert_array_equal(first.validation.labels, again.validation.labels)
    assert not np.array_equal(first.training.x, other.training.x)


def test_digits_are_divided_in_two():
    training, validation = datasets.draw("digits", 0)
    assert (len(training.x), len(validation.x)) == (900, 897)
    drawn = np.concatenate([training.x, validation.x])
    assert drawn.min() == 0
    assert drawn.max() == 1
    labels = np.concatenate([training.labels, validation.labels])
    everything = sorted(map(tuple, np.column_stack([16 * drawn, labels])))
    x, y = load_digits(return_X_y=True)
    assert everything == sorted(map(tuple, np.column_stack([x, y])))


def test_digits_round_trip(tmp_path):
    datasets.save(tmp_path / "seed0.npz", datasets.draw("digits", 0))
    loaded = datasets.load(tmp_path / "seed0.npz", "digits")
    assert [len(split.labels) for split in loaded] == [900, 897]
    with pytest.raises(ValueError, match="holds digits, not mnist"):
        datasets.load(tmp_path / "seed0.npz", "mnist")


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_the_published_articles_are_read():
    places = {"fashion_mnist": {"folders": [str(DEBIAN)]}}
    for split in datasets.draw("fashion_mnist", 0, places):
        assert split.x.shape == (1500, 784)
        assert split.x.max() == 1
        assert np.bincount(split.labels).min() > 100
