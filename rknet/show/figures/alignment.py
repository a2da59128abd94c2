"""Views of features that are compared: turned alike, as principal axes have no direction."""

from __future__ import annotations

import numpy as np
from scipy.linalg import orthogonal_procrustes

from rknet.study.principal_axes import PrincipalAxes


def aligned(axes: PrincipalAxes, y: np.ndarray, view: np.ndarray) -> PrincipalAxes:
    """Axes of the same space, turned and mirrored so that features look most like another view.

    Principal axes of two networks differ by signs, and by rotations where their variances are
    nearly equal, even if the features look the same.

    Parameters
    ----------
    axes : PrincipalAxes
        With as many axes as the view has dimensions.
    y : ndarray, (samples, d̂)
        The features.
    view : ndarray, (samples, dimensions)
        The other view of the same samples.

    Returns
    -------
    PrincipalAxes
        The mean is the same. No other axes of the space bring the features nearer to the view, by
        the sum of squared distances (the orthogonal Procrustes problem; Schönemann, 1966).
    """
    turn, _ = orthogonal_procrustes(axes.transform(y), view)
    return PrincipalAxes(axes.mean, turn.T @ axes.components)
