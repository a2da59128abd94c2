"""Donuts: a ball within a shell, or several shells (Sections 4.1, 4.3 and 4.4).

Labels are assigned before the noise is added, so classes overlap at their borders.
"""

from __future__ import annotations

import numpy as np

from rknet.datasets.points import Points, points


@points("donut_1d", dimension=2)
def donut_1d(rng: np.random.Generator, samples: int) -> Points:
    """Two classes told apart by one coordinate; the other is noise."""
    x = np.column_stack([8 * rng.random(samples) - 4, rng.standard_normal(samples)])
    labels = np.abs(x[:, 0]) >= 1
    return x + 0.5 * rng.standard_normal(x.shape), labels.astype(np.int64)


@points("donut_{d}d")
def donut(rng: np.random.Generator, samples: int, d: int) -> Points:
    """Two classes: inside and outside the unit sphere."""
    x = rng.standard_normal((samples, d))
    labels = np.linalg.norm(x, axis=1) >= 1
    return 1.2 * x + 0.2 * rng.standard_normal(x.shape), labels.astype(np.int64)


@points("donut_{d}d_{K}c")
def donut_rings(rng: np.random.Generator, samples: int, d: int, K: int) -> Points:
    """K rings of the same width; the last one has no outer border."""
    x = 1.5 * rng.standard_normal((samples, d))
    thresholds = np.linspace(0, 4, K, endpoint=False)
    # The rings are half-open.
    labels = np.searchsorted(thresholds, np.linalg.norm(x, axis=1), side="right") - 1
    return x + 0.2 * rng.standard_normal(x.shape), labels.astype(np.int64)
