"""AdaGrad."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rknet.optimisers.base import OPTIMISERS, Optimiser

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from rknet.optimisers.base import TorchStep

#: PyTorch's default.
EPSILON = 1e-10


@OPTIMISERS.register("adagrad")
class Adagrad(Optimiser):
    """AdaGrad: a step along the gradient, relative to the root of the squares of all so far."""

    default_learning_rate = 0.01
    moments = 1

    @staticmethod
    def factors(step: int, learning_rate: float, momentum: float) -> tuple[float, float]:
        """The same at every step."""
        return learning_rate, 0.0

    @staticmethod
    def update(
        parameter: float, first: float, second: float, gradient: float, factors: tuple[float, float]
    ) -> tuple[float, float, float]:
        """A parameter and its moments after a step."""
        number = type(gradient)
        total = first + gradient * gradient
        return (
            parameter - factors[0] * gradient / (math.sqrt(total) + number(EPSILON)),
            total,
            second,
        )

    def torch_step(self) -> TorchStep:
        """The function behind `torch.optim.Adagrad`."""
        from torch.optim.adagrad import adagrad

        options = {"lr": self.learning_rate, "lr_decay": 0.0, "eps": EPSILON}
        options |= {"weight_decay": self.weight_decay, "maximize": False, "fused": True}
        return lambda p, g, m, steps: adagrad(p, g, *m, steps, **options)  # type: ignore[arg-type, call-arg]  # as torch.optim calls it

    def torch_optimiser(self, parameters: Iterable[Tensor]) -> Optimizer:
        """`torch.optim.Adagrad`."""
        from torch import optim

        return optim.Adagrad(parameters, lr=self.learning_rate, weight_decay=self.weight_decay)
