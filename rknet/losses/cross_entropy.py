"""The cross-entropy (3.1)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rknet.losses.base import LOSSES, Loss

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


@LOSSES.register("cross_entropy")
class CrossEntropy(Loss):
    """The cross-entropy (3.1); its gradient is ℋ − c, with c the one-hot label."""

    @staticmethod
    def cost(
        z: np.ndarray,
        k: int,
        label: int,
        classes: int,
        largest: float,
        total: float,
    ) -> float:
        """The cost of a sample."""
        return math.log(total) + largest - z[k, label]  # type: ignore[no-any-return]  # a number

    @staticmethod
    def gradient(z: np.ndarray, k: int, label: int, classes: int, share: float) -> None:
        """Turn probabilities into the gradient."""
        for c in range(classes):
            z[k, c] *= share
        z[k, label] -= share

    @staticmethod
    def torch_costs(logits: Tensor, labels: Tensor) -> Tensor:
        """Costs of single samples."""
        from torch.nn.functional import cross_entropy

        return cross_entropy(logits, labels, reduction="none")

    @staticmethod
    def torch_gradient(logits: Tensor, labels: Tensor) -> Tensor:
        """Gradient of the mean cost by the logits."""
        from torch.nn.functional import one_hot

        return (logits.softmax(dim=1) - one_hot(labels, logits.shape[1])) / len(labels)
