"""Squares: classes told apart by the signs of the coordinates (Sections 4.1 and 4.3).

Labels are assigned before the noise is added, so classes overlap at their borders.
"""

from __future__ import annotations

import numpy as np

from rknet.datasets.points import Points, points


@points("squares_{d}d")
def squares(rng: np.random.Generator, samples: int, d: int) -> Points:
    """Two classes: whether the product of the coordinates is positive."""
    x = _uniform(rng, samples, d)
    labels = np.prod(x, axis=1) <= 0
    return _noisy(rng, x), labels.astype(np.int64)


@points("squares", dimension=2)
def squares_in_the_plane(rng: np.random.Generator, samples: int) -> Points:
    """The paper's, of two dimensions."""
    return squares(rng, samples, 2)


@points("squares_2d_4c", dimension=2, classes=4)
def squares_2d_4c(rng: np.random.Generator, samples: int) -> Points:
    """A class a quadrant: (+,+) 0, (+,−) 1, (−,+) 2, (−,−) 3."""
    x = _uniform(rng, samples, 2)
    labels = _by_quadrant(x <= 0, [0, 1, 2, 3])
    return _noisy(rng, x), labels


@points("squares_3d_4c", dimension=3, classes=4)
def squares_3d_4c(rng: np.random.Generator, samples: int) -> Points:
    """A class a pair of opposite octants."""
    x = _uniform(rng, samples, 3)
    negative = x <= 0
    # Reflected to x₁ > 0, it is the quadrants of (x₂, x₃): (+,+) 0, (+,−) 1, (−,−) 2, (−,+) 3.
    labels = _by_quadrant(negative[:, 1:] ^ negative[:, :1], [0, 1, 3, 2])
    return _noisy(rng, x), labels


def _uniform(rng: np.random.Generator, samples: int, dimension: int) -> np.ndarray:
    return 8 * rng.random((samples, dimension)) - 4


def _by_quadrant(negative: np.ndarray, classes: list[int]) -> np.ndarray:
    """The class of each pair of signs; `classes` lists those of (+,+), (+,−), (−,+), (−,−)."""
    return np.array(classes)[2 * negative[:, 0] + negative[:, 1]].astype(np.int64)  # type: ignore[no-any-return]  # NumPy's indexing gives any type


def _noisy(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    return x + 0.3 * rng.standard_normal(x.shape)
