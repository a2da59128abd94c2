"""The base of every loss: the cost of a sample and its gradient, for every engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from rknet.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class Loss(ABC):
    """The cost of logits z for a label, where ℋ(z) are the probabilities (softmax).

    `cost` and `gradient` are plain functions that Numba compiles. They take one sample, row `k` of
    a batch.
    """

    @staticmethod
    @abstractmethod
    def cost(
        z: np.ndarray, k: int, label: int, classes: int, largest: float, total: float
    ) -> float:
        """The cost of the logits ``z[k]``, in double precision.

        ℋ_c(z) is ``exp(z[k, c] - largest) / total``.
        """

    @staticmethod
    @abstractmethod
    def gradient(z: np.ndarray, k: int, label: int, classes: int, share: float) -> None:
        """Turn the probabilities ``z[k]`` into `share` times the cost's gradient by the logits."""

    @staticmethod
    @abstractmethod
    def torch_costs(logits: Tensor, labels: Tensor) -> Tensor:
        """Costs of single samples, (samples,); autograd can differentiate them."""

    @staticmethod
    @abstractmethod
    def torch_gradient(logits: Tensor, labels: Tensor) -> Tensor:
        """Gradient of the mean cost by the logits, (samples, K)."""


#: All kinds by name.
LOSSES: Registry[type[Loss]] = Registry("loss", "rknet.losses")
