"""The paper's image experiments in miniature: the digits that come with scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rknet.datasets.base import Split
from rknet.datasets.images import images


# There are 1797: two disjoint parts, the first whole batches of five.
@images("digits", side=8, white=16, samples=(900, 897), fetched=False, published=(1797,))
def digits(
    rng: np.random.Generator,
    samples: tuple[int, int],
    files: Mapping[str, bytes],  # noqa: ARG001 - as of all images
) -> tuple[Split, Split]:
    """Handwritten digits, published without a split: every repetition splits them again."""
    from sklearn.datasets import load_digits

    x, labels = load_digits(return_X_y=True)
    order = rng.permutation(len(labels))[: sum(samples)]
    first, second = np.split(order, [samples[0]])
    return Split(x[first], labels[first]), Split(x[second], labels[second])
