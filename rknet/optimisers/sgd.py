"""Stochastic gradient descent, with momentum if wanted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rknet.optimisers.base import OPTIMISERS, Optimiser

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from rknet.optimisers.base import TorchStep


@OPTIMISERS.register("sgd")
class SGD(Optimiser):
    """Stochastic gradient descent: a step along the gradient, or along a sum of all so far."""

    default_learning_rate = 0.001
    has_momentum = True

    @property
    def moments(self) -> int:
        """One if there is momentum."""
        return int(self.momentum != 0)

    @staticmethod
    def factors(step: int, learning_rate: float, momentum: float) -> tuple[float, float]:
        """The same at every step."""
        return learning_rate, momentum

    @staticmethod
    def update(
        parameter: float, first: float, second: float, gradient: float, factors: tuple[float, float]
    ) -> tuple[float, float, float]:
        """A parameter and its moments after a step."""
        rate, momentum = factors
        total = momentum * first + gradient
        return parameter - rate * total, total, second

    def torch_step(self) -> TorchStep:
        """The function behind `torch.optim.SGD`."""
        from torch.optim.sgd import sgd

        options = {"lr": self.learning_rate, "momentum": self.momentum, "dampening": 0.0}
        options |= {
            "weight_decay": self.weight_decay,
            "nesterov": False,
            "maximize": False,
            "fused": True,
        }
        return lambda p, g, m, _: sgd(p, g, *(m or [[None] * len(p)]), **options)  # type: ignore[arg-type, list-item]  # as torch.optim calls it

    def torch_optimiser(self, parameters: Iterable[Tensor]) -> Optimizer:
        """`torch.optim.SGD`."""
        from torch import optim

        return optim.SGD(
            parameters,
            lr=self.learning_rate,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
        )
