"""The datasets of Section 4, by name: points, and images."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol
from zipfile import ZipFile, ZipInfo

import numpy as np

from rknet.files import array_hash, file_hash, replacing

#: The image sets; every other name is a point dataset's.
IMAGES = ("mnist", "fashion_mnist", "digits")


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
    """A training and a validation split, drawn together."""

    training: Split
    validation: Split


class Description(Protocol):
    """What there is to know of a dataset before it is drawn.

    Attributes
    ----------
    dimension : int
        Dimension d of the input space.
    classes : int
        Number of classes K.
    samples : tuple of int
        Samples for training and for validation.
    class_names : tuple of str
        By label.
    image_shape : tuple of int, or None
        Rows and columns, for images; None for points.
    """

    dimension: int
    classes: int
    samples: tuple[int, int]
    class_names: tuple[str, ...]
    image_shape: tuple[int, int] | None


def describe(name: str) -> Description:
    """What the dataset called `name` is.

    Raises
    ------
    ValueError
        If there is no such dataset; the message lists the names.
    """
    return _module(name).describe(name)


def draw(name: str, seed: int, sources: Mapping[str, Any] | None = None) -> Dataset:
    """Draw the dataset `name` for repetition `seed`; it depends on nothing else.

    Parameters
    ----------
    name : str
    seed : int
    sources : mapping, optional
        Where image files are found, as the config's `images` has it. It does not change what is
        drawn, for the files are checked.

    Raises
    ------
    ValueError
        If there is no such dataset.
    rknet.datasets.sources.SourceError
        If image files are found nowhere.
    """
    if name in IMAGES:
        return _module(name).draw(name, seed, sources or {})
    return _module(name).draw(name, seed)


def _module(name: str) -> ModuleType:
    """The module of the dataset's kind.

    Only that one is imported: a job loads, and its result rests on, one kind of dataset.
    """
    if name in IMAGES:
        from rknet.datasets import images

        return images
    from rknet.datasets import points

    return points


def save(path: str | Path, dataset: Dataset) -> None:
    """Write `dataset` to an ``.npz`` file; the same dataset always gives the same bytes."""
    arrays = {
        f"{name}_{part}": array
        for name, split in dataset._asdict().items()
        for part, array in split._asdict().items()
    }
    arrays["sha256"] = np.array(array_hash(arrays))
    # As np.savez does, whose bytes depend on the version of Python.
    with replacing(path) as temporary, ZipFile(temporary, "w") as archive:
        for name, array in arrays.items():
            file = BytesIO()
            np.save(file, array, allow_pickle=False)
            archive.writestr(ZipInfo(f"{name}.npy"), file.getvalue())


def load(path: str | Path, name: str, sha256: str | None = None) -> Dataset:
    """Read a dataset written by `save` and check it against what `name` says.

    Parameters
    ----------
    path : str or Path
    name : str
        Of the dataset.
    sha256 : str, optional
        Checksum of the file that it must be, for a run the one it was trained on.

    Raises
    ------
    ValueError
        If the file cannot be read, is not as it was written or not the one meant, or does not hold
        what the dataset `name` must hold; the message names the file.
    """
    remedy = "delete it, and the same command makes it again"
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as found:
            arrays = dict(found)
        written = str(arrays.pop("sha256"))
        dataset = Dataset(
            Split(arrays["training_x"], arrays["training_labels"]),
            Split(arrays["validation_x"], arrays["validation_labels"]),
        )
    except Exception as error:  # numpy and zipfile raise a dozen kinds
        raise ValueError(f"{path} is no dataset file ({error}); {remedy}") from error
    if array_hash(arrays) != written:
        raise ValueError(f"{path} is damaged: its content has another checksum; {remedy}")
    if sha256 is not None and file_hash(path) != sha256:
        raise ValueError(f"{path} is not the dataset file that the run was trained on; {remedy}")
    about = describe(name)
    for split, samples, (x, labels) in zip(dataset._fields, about.samples, dataset, strict=True):
        good = (
            x.dtype == np.float32
            and x.shape == (samples, about.dimension)
            and labels.dtype == np.int64
            and labels.shape == (samples,)
            and np.isfinite(x).all()
            and 0 <= labels.min() <= labels.max() < about.classes
        )
        if not good:
            raise ValueError(
                f"{path}: the {split} split is not {samples} finite float32 points in "
                f"{about.dimension} dimensions with labels below {about.classes}, as {name} "
                f"must be (found x {x.dtype}{x.shape}); {remedy}"
            )
    return dataset
