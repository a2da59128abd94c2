"""Principal axes of features: what pictures show of a space of many dimensions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import linalg


class PrincipalAxes(NamedTuple):
    """Axes through the mean of features, (d̂,), that are the rows of `components`, (number, d̂)."""

    mean: np.ndarray
    components: np.ndarray

    def transform(self, y: np.ndarray) -> np.ndarray:
        """The coordinates on the axes, (samples, number), of features, (samples, d̂)."""
        return y @ self.components.T - self.mean @ self.components.T

    def inverse_transform(self, z: np.ndarray) -> np.ndarray:
        """The features that have given coordinates on the axes, and none beside them."""
        return z @ self.components + self.mean


def principal_axes(y: np.ndarray, number: int) -> PrincipalAxes:
    """Principal component analysis of features, (samples, d̂), to `number` dimensions.

    An axis and its opposite are equally good. We take the one on which the coordinate with the
    largest weight has a positive weight, so that a picture does not depend on the machine.
    """
    mean = y.mean(axis=0)
    components = linalg.svd(y - mean, full_matrices=False)[2][:number]
    heaviest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(number), heaviest])
    return PrincipalAxes(mean, components * np.where(signs == 0, 1, signs)[:, None])
