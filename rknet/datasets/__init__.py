"""Datasets, by name: points and images; a kind is a file here that registers its names."""

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
    """Draw the dataset called `name` for repetition `seed`; it depends on nothing else.

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
    rknet.datasets.image_files.sources.SourceError
        If image files are found nowhere.
    """
    return drawn(named(name), seed, sources)


def drawn(dataset: Drawable, seed: int, sources: Mapping[str, Any] | None = None) -> Dataset:
    """Draw a dataset, as `draw`, whether it has a name of its own or is the user's."""
    if not dataset.fetched:
        return dataset.draw(seed)
    from rknet.datasets.image_files.sources import fetch

    files = fetch(dataset.about.name, sources or {})
    return dataset.draw(seed, {role: file.content for role, file in files.items()})


def defined(name: str, definition: Mapping[str, Any] | None = None) -> Drawable:
    """The dataset called `name`, whether it has a name of its own or is the user's.

    Parameters
    ----------
    name : str
    definition : mapping, optional
        What the user wrote to define it, see `rknet.datasets.own.own_dataset`.

    Raises
    ------
    ValueError
        If there is no such dataset, or it cannot be drawn as it is defined.
    """
    if definition is None:
        return named(name)
    from rknet.datasets.own import own_dataset

    return own_dataset(name, definition)


def roots(name: str) -> tuple[str, ...]:
    """Where the dataset called `name` is defined: what a fingerprint of it begins with."""
    return named(name).roots
