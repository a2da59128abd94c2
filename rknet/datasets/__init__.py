"""Datasets by name: points and images. Each kind is a file here that registers its names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rknet.datasets.base import DATASETS, Dataset, Description, Drawable, Split, named
from rknet.datasets.npz import load, save

__all__ = [
    "DATASETS",
    "Dataset",
    "Description",
    "Drawable",
    "Split",
    "defined",
    "draw",
    "drawn",
    "load",
    "named",
    "roots",
    "save",
]


def draw(name: str, seed: int, sources: Mapping[str, Any] | None = None) -> Dataset:
    """Draw the dataset `name` for repetition `seed`; the result depends on nothing else.

    Parameters
    ----------
    name : str
    seed : int
    sources : mapping, optional
        The places of image files, as `images` in the config. They do not change what is drawn,
        because the files are checked.

    Raises
    ------
    ValueError
        If there is no such dataset.
    rknet.datasets.image_files.sources.SourceError
        If image files cannot be found.
    """
    return drawn(named(name), seed, sources)


def drawn(dataset: Drawable, seed: int, sources: Mapping[str, Any] | None = None) -> Dataset:
    """Draw a dataset, as `draw` does, from the library or from the user."""
    if not dataset.fetched:
        return dataset.draw(seed)
    from rknet.datasets.image_files.sources import fetch

    files = fetch(dataset.about.name, sources or {})
    return dataset.draw(seed, {role: file.content for role, file in files.items()})


def defined(name: str, definition: Mapping[str, Any] | None = None) -> Drawable:
    """The dataset called `name`, from the library or from the user.

    Parameters
    ----------
    name : str
    definition : mapping, optional
        What the user wrote to define it, see `rknet.datasets.own.own_dataset`; or the numbers of
        samples of one of the library's.

    Raises
    ------
    ValueError
        If there is no such dataset, or it cannot be drawn as it is defined.
    """
    if definition is None:
        return named(name)
    if definition.keys() == {"training", "validation"}:
        return named(name).sized(**definition)
    from rknet.datasets.own import own_dataset

    return own_dataset(name, definition)


def roots(name: str) -> tuple[str, ...]:
    """Where the dataset called `name` is defined: what a fingerprint of it begins with."""
    return named(name).roots
