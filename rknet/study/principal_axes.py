"""Principal axes of features: what pictures show of a space of many dimensions."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA


def principal_axes(y: np.ndarray, number: int) -> PCA:
    """Principal component analysis of features, (samples, d̂), to `number` dimensions.

    An axis and its opposite are equally good. We take the one on which the coordinate with the
    largest weight has a positive weight, so that a picture does not depend on the machine.
    """
    # If all features are equal, the shares of the variance are 0/0; nobody uses them.
    with np.errstate(invalid="ignore"):
        pca = PCA(number, svd_solver="full").fit(y)
    heaviest = np.abs(pca.components_).argmax(axis=1)
    signs = np.sign(pca.components_[np.arange(number), heaviest])
    pca.components_ *= np.where(signs == 0, 1, signs)[:, None]
    return pca
