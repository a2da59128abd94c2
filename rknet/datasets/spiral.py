"""Spirals: two arms around each other (Sections 4.1 and 4.2).

Labels are assigned before the noise is added, so classes overlap at their borders.
"""

from __future__ import annotations

import numpy as np

from rknet.datasets.points import Points, points


@points("spiral", dimension=2)
def spiral(rng: np.random.Generator, samples: int) -> Points:
    """Two arms in the plane."""
    phi = _angles(rng, samples)
    arm = (2 * phi + np.pi)[:, None] * np.column_stack([np.cos(phi), np.sin(phi)])
    x, labels = _two_arms(rng, arm, -arm, samples)
    return (x + rng.standard_normal(x.shape)) / 5, labels


@points("spiral_3d", dimension=3)
def spiral_3d(rng: np.random.Generator, samples: int) -> Points:
    """A double helix."""
    phi = _angles(rng, samples)

    def helix(angle: np.ndarray) -> np.ndarray:
        return np.column_stack([2.5 * np.cos(angle), 2.5 * np.sin(angle), phi - np.pi])

    x, labels = _two_arms(rng, helix(2 * phi), helix(2 * phi + np.pi), samples)
    return x + 0.2 * rng.standard_normal(x.shape), labels


def _angles(rng: np.random.Generator, samples: int) -> np.ndarray:
    return 2 * np.pi * np.sqrt(rng.random(-(-samples // 2)))


def _two_arms(
    rng: np.random.Generator, first: np.ndarray, second: np.ndarray, samples: int
) -> Points:
    """Both arms in random order; they share their sample of angles."""
    order = rng.permutation(2 * len(first))[:samples]
    labels = np.repeat(np.arange(2), len(first))
    return np.concatenate([first, second])[order], labels[order]
