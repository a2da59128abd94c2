"""Point datasets of Sections 4.1 to 4.4 (Figures 2 and 8).

Labels are assigned before the noise is added, so classes overlap at their borders.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from rknet.datasets import IMAGES, Dataset, Split
from rknet.seeds import stream

#: Points in each split (Section 4): 1500 for training, as many for validation.
SAMPLES = 1500

Points = tuple[np.ndarray, np.ndarray]
Draw = Callable[[np.random.Generator, int], Points]


@dataclass(frozen=True)
class PointDataset:
    """How a point dataset is drawn.

    Attributes
    ----------
    dimension : int
        Dimension d of the input space.
    classes : int
        Number of classes K.
    draw : callable
        From a random generator and a number of samples to points, float64 of shape
        (samples, d), and labels, int64 of shape (samples,), in random order.
    """

    dimension: int
    classes: int
    draw: Draw

    samples: ClassVar[tuple[int, int]] = (SAMPLES, SAMPLES)
    image_shape: ClassVar[None] = None

    @property
    def class_names(self) -> tuple[str, ...]:
        """The labels themselves."""
        return tuple(map(str, range(self.classes)))


def _donut_1d(rng: np.random.Generator, samples: int) -> Points:
    x = np.column_stack([_uniform_square(rng, samples, 1), rng.standard_normal(samples)])
    labels = np.abs(x[:, 0]) >= 1
    return x + 0.5 * rng.standard_normal(x.shape), labels.astype(np.int64)


def _donut(rng: np.random.Generator, samples: int, dimension: int) -> Points:
    x = rng.standard_normal((samples, dimension))
    labels = np.linalg.norm(x, axis=1) >= 1
    return 1.2 * x + 0.2 * rng.standard_normal(x.shape), labels.astype(np.int64)


def _donut_multiclass(
    rng: np.random.Generator, samples: int, dimension: int, classes: int
) -> Points:
    x = 1.5 * rng.standard_normal((samples, dimension))
    thresholds = np.linspace(0, 4, classes, endpoint=False)
    # The rings are half-open and the last one has no outer border.
    labels = np.searchsorted(thresholds, np.linalg.norm(x, axis=1), side="right") - 1
    return x + 0.2 * rng.standard_normal(x.shape), labels.astype(np.int64)


def _squares(rng: np.random.Generator, samples: int, dimension: int) -> Points:
    x = _uniform_square(rng, samples, dimension)
    labels = np.prod(x, axis=1) <= 0
    return x + 0.3 * rng.standard_normal(x.shape), labels.astype(np.int64)


def _squares_multiclass(rng: np.random.Generator, samples: int, dimension: int) -> Points:
    x = _uniform_square(rng, samples, dimension)
    negative = x <= 0
    if dimension == 3:
        # Opposite octants share a class, so reflect to x₁ > 0; then the quadrants of (x₂, x₃).
        negative = negative[:, 1:] ^ negative[:, :1]
    # Quadrants (+,+) 0, (+,−) 1, (−,+) 2, (−,−) 3; in 3D (+,+) 0, (+,−) 1, (−,−) 2, (−,+) 3.
    classes = np.array([0, 1, 2, 3] if dimension == 2 else [0, 1, 3, 2])
    labels = classes[2 * negative[:, 0] + negative[:, 1]]
    return x + 0.3 * rng.standard_normal(x.shape), labels.astype(np.int64)


def _spiral(rng: np.random.Generator, samples: int) -> Points:
    phi = _spiral_angles(rng, samples)
    arm = (2 * phi + np.pi)[:, None] * np.column_stack([np.cos(phi), np.sin(phi)])
    x, labels = _two_arms(rng, arm, -arm, samples)
    return (x + rng.standard_normal(x.shape)) / 5, labels


def _spiral_3d(rng: np.random.Generator, samples: int) -> Points:
    phi = _spiral_angles(rng, samples)

    def helix(angle: np.ndarray) -> np.ndarray:
        return np.column_stack([2.5 * np.cos(angle), 2.5 * np.sin(angle), phi - np.pi])

    x, labels = _two_arms(rng, helix(2 * phi), helix(2 * phi + np.pi), samples)
    return x + 0.2 * rng.standard_normal(x.shape), labels


def _uniform_square(rng: np.random.Generator, samples: int, dimension: int) -> np.ndarray:
    return 8 * rng.random((samples, dimension)) - 4


def _spiral_angles(rng: np.random.Generator, samples: int) -> np.ndarray:
    return 2 * np.pi * np.sqrt(rng.random(-(-samples // 2)))


def _two_arms(
    rng: np.random.Generator, first: np.ndarray, second: np.ndarray, samples: int
) -> Points:
    """Both arms in random order; they share their sample of angles."""
    order = rng.permutation(2 * len(first))[:samples]
    labels = np.repeat(np.arange(2), len(first))
    return np.concatenate([first, second])[order], labels[order]


_NAMED = {
    "donut_1d": PointDataset(2, 2, _donut_1d),
    "donut_2d": PointDataset(2, 2, partial(_donut, dimension=2)),
    "squares": PointDataset(2, 2, partial(_squares, dimension=2)),
    "spiral": PointDataset(2, 2, _spiral),
    "spiral_3d": PointDataset(3, 2, _spiral_3d),
    "squares_2d_4c": PointDataset(2, 4, partial(_squares_multiclass, dimension=2)),
    "squares_3d_4c": PointDataset(3, 4, partial(_squares_multiclass, dimension=3)),
}

#: What a point dataset may be called, for messages.
NAMES = (*_NAMED, "donut_{d}d", "squares_{d}d", "donut_{d}d_{K}c")


def draw(name: str, seed: int) -> Dataset:
    """Draw the point dataset `name` for repetition `seed`.

    Raises
    ------
    ValueError
        If there is no such dataset.
    """
    rng = stream("data", dataset=name, seed=seed)
    x, labels = describe(name).draw(rng, 2 * SAMPLES)
    x = x.astype(np.float32)
    return Dataset(Split(x[:SAMPLES], labels[:SAMPLES]), Split(x[SAMPLES:], labels[SAMPLES:]))


def describe(name: str) -> PointDataset:
    """The point dataset called `name`, such as ``spiral``, ``squares_4d`` or ``donut_3d_6c``.

    Parameters
    ----------
    name : str
        One of `NAMES`, with d from 2 to 99 and K from 2 to 99.

    Raises
    ------
    ValueError
        If there is no such dataset; the message lists the names.
    """
    if name in _NAMED:
        return _NAMED[name]
    if match := re.fullmatch(r"donut_([1-9]\d?)d_([1-9]\d?)c", name):
        dimension, classes = map(int, match.groups())
        if dimension >= 2 and classes >= 2:
            draw = partial(_donut_multiclass, dimension=dimension, classes=classes)
            return PointDataset(dimension, classes, draw)
    if (match := re.fullmatch(r"(donut|squares)_([1-9]\d?)d", name)) and int(match[2]) >= 2:
        rule = {"donut": _donut, "squares": _squares}[match[1]]
        return PointDataset(int(match[2]), 2, partial(rule, dimension=int(match[2])))
    known = ", ".join((*NAMES, *IMAGES))
    raise ValueError(f"unknown dataset {name!r}; there are {known} (d, K ≥ 2)")
