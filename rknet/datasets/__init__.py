"""The datasets of Section 4, by name."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from rknet.datasets.points import PointDataset, point_dataset
from rknet.files import replacing
from rknet.seeds import stream

#: Points in each split (Section 4): 1500 for training, as many for validation.
SAMPLES = 1500


class Split(NamedTuple):
    """Samples and their classes.

    Attributes
    ----------
    x : ndarray, float32, shape (samples, dimension)
    labels : ndarray, int64, shape (samples,)
    """

    x: np.ndarray
    labels: np.ndarray


class Dataset(NamedTuple):
    """A training and a validation split, drawn together and cut."""

    training: Split
    validation: Split


def describe(name: str) -> PointDataset:
    """Dimension, number of classes and rule of the dataset called `name`.

    Raises
    ------
    ValueError
        If there is no such dataset; the message lists the names.
    """
    return point_dataset(name)


def draw(name: str, seed: int) -> Dataset:
    """Draw the dataset `name` for repetition `seed`; it depends on nothing else.

    Raises
    ------
    ValueError
        If there is no such dataset.
    """
    rng = stream("data", dataset=name, seed=seed)
    x, labels = describe(name).draw(rng, 2 * SAMPLES)
    x = x.astype(np.float32)
    return Dataset(Split(x[:SAMPLES], labels[:SAMPLES]), Split(x[SAMPLES:], labels[SAMPLES:]))


def save(path: str | Path, dataset: Dataset) -> None:
    """Write `dataset` to an ``.npz`` file; the same dataset always gives the same bytes."""
    with replacing(path) as temporary:
        np.savez(
            temporary,
            training_x=dataset.training.x,
            training_labels=dataset.training.labels,
            validation_x=dataset.validation.x,
            validation_labels=dataset.validation.labels,
        )


def load(path: str | Path, name: str) -> Dataset:
    """Read a dataset written by `save` and check it against what `name` says.

    Raises
    ------
    ValueError
        If the file cannot be read, or does not hold what the dataset `name` must hold; the
        message names the file.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            dataset = Dataset(
                Split(arrays["training_x"], arrays["training_labels"]),
                Split(arrays["validation_x"], arrays["validation_labels"]),
            )
    except Exception as error:  # numpy and zipfile raise a dozen kinds
        raise ValueError(
            f"{path} is no dataset file ({error}); delete it, and it is made again"
        ) from error
    about = describe(name)
    for split, (x, labels) in dataset._asdict().items():
        good = (
            x.dtype == np.float32
            and x.shape == (SAMPLES, about.dimension)
            and labels.dtype == np.int64
            and labels.shape == (SAMPLES,)
            and np.isfinite(x).all()
            and 0 <= labels.min() <= labels.max() < about.classes
        )
        if not good:
            raise ValueError(
                f"{path}: the {split} split is not {SAMPLES} finite float32 points in "
                f"{about.dimension} dimensions with labels below {about.classes}, as {name} "
                f"must be (found x {x.dtype}{x.shape}); delete it, and it is made again"
            )
    return dataset
