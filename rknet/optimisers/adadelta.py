"""ADADELTA."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rknet.optimisers.base import OPTIMISERS, Optimiser

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from rknet.optimisers.base import TorchStep

#: PyTorch's defaults.
RHO, EPSILON = 0.9, 1e-6


@OPTIMISERS.register("adadelta")
class Adadelta(Optimiser):
    """ADADELTA: a step along the gradient, by the mean size of steps over that of gradients."""

    default_learning_rate = 1.0
    moments = 2

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
        rho, rest, epsilon = number(RHO), number(1 - RHO), number(EPSILON)
        square = rho * first + rest * gradient * gradient
        step = math.sqrt(second + epsilon) / math.sqrt(square + epsilon) * gradient
        return parameter - factors[0] * step, square, rho * second + rest * step * step

    def torch_step(self) -> TorchStep:
        """The function behind `torch.optim.Adadelta`."""
        from torch.optim.adadelta import adadelta

        options = {"lr": self.learning_rate, "rho": RHO, "eps": EPSILON}
        options |= {"weight_decay": self.weight_decay, "maximize": False}
        return lambda p, g, m, steps: adadelta(p, g, *m, steps, **options)  # type: ignore[arg-type, call-arg]  # as torch.optim calls it

    def torch_optimiser(self, parameters: Iterable[Tensor]) -> Optimizer:
        """`torch.optim.Adadelta`."""
        from torch import optim

        return optim.Adadelta(parameters, lr=self.learning_rate, weight_decay=self.weight_decay)
