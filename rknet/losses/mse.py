"""The mean squared error of the probabilities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from rknet.losses.base import LOSSES, Loss

if TYPE_CHECKING:
    from torch import Tensor


@LOSSES.register("mse")
class MeanSquaredError(Loss):
    """The mean of (ℋ − c)² over classes, with c the one-hot label.

    Its gradient is ℋ ∘ (d − d·ℋ), with d = 2 (ℋ − c) / K.
    """

    @staticmethod
    def cost(
        z: np.ndarray, k: int, label: int, classes: int, largest: float, total: float
    ) -> float:
        """The cost of a sample."""
        cost = 0.0
        for c in range(classes):
            probability = math.exp(np.float64(z[k, c]) - largest) / total
            cost += (probability - (c == label)) ** 2 / classes
        return cost

    @staticmethod
    def gradient(z: np.ndarray, k: int, label: int, classes: int, share: float) -> None:
        """Turn probabilities into the gradient."""
        factor = share * z.dtype.type(2) / z.dtype.type(classes)
        mean = z.dtype.type(0)
        for c in range(classes):
            mean += z[k, c] * factor * (z[k, c] - z.dtype.type(c == label))
        for c in range(classes):
            z[k, c] *= factor * (z[k, c] - z.dtype.type(c == label)) - mean

    @staticmethod
    def torch_costs(logits: Tensor, labels: Tensor) -> Tensor:
        """Costs of single samples."""
        from torch.nn.functional import one_hot

        error = logits.softmax(dim=1) - one_hot(labels, logits.shape[1])
        return error.square().mean(dim=1)

    @staticmethod
    def torch_gradient(logits: Tensor, labels: Tensor) -> Tensor:
        """Gradient of the mean cost by the logits."""
        from torch.nn.functional import one_hot

        probabilities = logits.softmax(dim=1)
        error = (probabilities - one_hot(labels, logits.shape[1])) / len(labels)
        d = 2 * error / logits.shape[1]
        return probabilities * (d - (d * probabilities).sum(dim=1, keepdim=True))
