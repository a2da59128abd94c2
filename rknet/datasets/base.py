"""The base of every dataset, and the registry of the library's datasets."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from rknet.registry import Registry, suggestion

#: From a name, or a pattern of names such as ``donut_{d}d``, to what makes the dataset of a name:
#: it is called with the name and the numbers in it.
DATASETS: Registry[Callable[..., Drawable]] = Registry("dataset", "rknet.datasets")

#: What a number in a name may be: from 2 to 99, without a zero in front.
_NUMBER = "[2-9]|[1-9][0-9]"


class Split(NamedTuple):
    """Samples and their classes.

    Attributes
    ----------
    x : ndarray, float32, shape (samples, dimension)
    labels : ndarray, int64, shape (samples,)
    """

    x: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Description:
    """The facts about a dataset that are the same for every repetition.

    Attributes
    ----------
    name : str
    dimension : int
        Dimension d of the input space.
    classes : int
        Number of classes K.
    samples : tuple of int
        Samples for training and for validation.
    class_names : tuple of str
        By label; the labels themselves if none are given.
    image_shape : tuple of int, or None
        Rows and columns, for images; None for points.
    """

    name: str
    dimension: int
    classes: int
    samples: tuple[int, int]
    class_names: tuple[str, ...] = ()
    image_shape: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        names = self.class_names or tuple(map(str, range(self.classes)))
        object.__setattr__(self, "class_names", names)

    def in_short(self) -> dict[str, Any]:
        """The part that goes into records: ``name``, ``dimension``, ``classes`` and ``samples``."""
        return {
            **{"name": self.name, "dimension": self.dimension, "classes": self.classes},
            "samples": list(self.samples),
        }


@dataclass(frozen=True)
class Dataset:
    """A training and a validation split, drawn together, and their description."""

    training: Split
    validation: Split
    about: Description

    def __iter__(self) -> Iterator[Split]:
        """Both splits."""
        return iter((self.training, self.validation))


class Drawable(ABC):
    """A dataset before it is drawn.

    Attributes
    ----------
    about : Description
    fetched : bool
        Whether it is drawn from published files, which must be fetched first.
    definition : dict or None
        The user's definition, as plain values. For the library's datasets None, or their numbers of
        samples if those are not the usual ones.
    """

    about: Description
    fetched: bool = False
    definition: Mapping[str, Any] | None = None

    @property
    @abstractmethod
    def roots(self) -> tuple[str, ...]:
        """Where it is defined: what a fingerprint begins with.

        They are ``module:definition``, and the path of a Python file of the user's.
        """

    def sized(self, training: int, validation: int) -> Drawable:
        """The same with other numbers of samples; 0 leaves the number in a split as it is.

        Raises
        ------
        ValueError
            If there are not as many, or the numbers belong elsewhere.
        """
        usual = self.about.samples
        samples = training or usual[0], validation or usual[1]
        return self if samples == usual else self._sized(samples)

    def _sized(self, samples: tuple[int, int]) -> Drawable:  # noqa: ARG002
        raise ValueError(
            f"{self.about.name} has its numbers of samples under datasets in the config; set "
            "training and validation there"
        )

    @abstractmethod
    def draw(self, seed: int, files: Mapping[str, bytes] | None = None) -> Dataset:
        """Draw it for repetition `seed`; the result depends on nothing else.

        Parameters
        ----------
        seed : int
        files : mapping, optional
            The content of the published files by their role, if it is `fetched`.
        """


def sizes(samples: tuple[int, int]) -> dict[str, int]:
    """The definition of one of the library's datasets with other numbers of samples."""
    return dict(zip(("training", "validation"), samples, strict=True))


def defined_at(function: Callable[..., Any]) -> str:
    """Where a function is defined, ``module:definition``."""
    return f"{function.__module__}:{function.__qualname__}"


@lru_cache
def named(name: str) -> Drawable:
    """The dataset called `name`, such as ``spiral``, ``squares_4d`` or ``donut_3d_6c``.

    Raises
    ------
    ValueError
        If there is no such dataset; the message lists the names.
    """
    for pattern in DATASETS:
        if (numbers := _numbers(pattern, name)) is not None:
            return DATASETS[pattern](name, **numbers)
    known = DATASETS.names()
    raise ValueError(
        f"unknown dataset {name!r}; there are {', '.join(known)} (d, K ≥ 2)"
        f"{suggestion(name, known)}"
    )


def _numbers(pattern: str, name: str) -> dict[str, int] | None:
    """The numbers in `name` where `pattern` has letters in braces; None if it does not fit."""
    expression = re.sub(r"\{(\w)\}", rf"(?P<\1>{_NUMBER})", pattern)
    match = re.fullmatch(expression, name)
    return match and {letter: int(number) for letter, number in match.groupdict().items()}
