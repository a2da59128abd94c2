"""The user's datasets: a table in a file, or points that a Python file draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rknet.datasets.base import Drawable, named
from rknet.datasets.own.drawn import OwnPoints
from rknet.datasets.own.table import TableDataset


def own_datasets(written: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Drawable], list[str]]:
    """The datasets that a configuration defines, and the problems with them.

    Parameters
    ----------
    written : mapping
        By name, their definitions, as `own_dataset` takes them.

    Returns
    -------
    dict of Drawable
        By name, those that can be drawn.
    list of str
        A problem for each of the others, which names it.
    """
    datasets, problems = {}, []
    for name, definition in written.items():
        try:
            datasets[name] = own_dataset(name, definition)
        except ValueError as error:
            problems.append(f"{name}: {error}")
    return datasets, problems


def own_dataset(name: str, definition: Mapping[str, Any]) -> Drawable:
    """The dataset that a user defines; it is checked completely, so that it can be drawn.

    Parameters
    ----------
    name : str
    definition : mapping
        With the key ``file``, as `TableDataset.defined` takes it, or with the key ``module``, as
        `OwnPoints.defined` takes it.

    Raises
    ------
    ValueError
        If there is a problem with it; the message names the file and the place.
    """
    if _is_taken(name):
        raise ValueError("there is a dataset of this name already; choose another")
    kind = TableDataset if "file" in definition else OwnPoints
    return kind.defined(name, **definition)


def _is_taken(name: str) -> bool:
    try:
        named(name)
    except ValueError:
        return False
    return True
