"""Adam."""

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
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


@OPTIMISERS.register("adam")
class Adam(Optimiser):
    """Adam: a step along the mean gradient, relative to its mean size."""

    default_learning_rate = 0.001
    moments = 2

    @staticmethod
    def factors(step: int, learning_rate: float, momentum: float) -> tuple[float, float]:
        """The corrections of both moments, which begin at zero."""
        return learning_rate / (1 - BETA1**step), 1 / math.sqrt(1 - BETA2**step)

    @staticmethod
    def update(
        parameter: float, first: float, second: float, gradient: float, factors: tuple[float, float]
    ) -> tuple[float, float, float]:
        """A parameter and its moments after a step."""
        number = type(gradient)
        rate, correction = factors
        m = number(BETA1) * first + number(1 - BETA1) * gradient
        v = number(BETA2) * second + number(1 - BETA2) * gradient * gradient
        return parameter - rate * m / (math.sqrt(v) * correction + number(EPSILON)), m, v

    def torch_step(self) -> TorchStep:
        """The function behind `torch.optim.Adam`."""
        from torch.optim.adam import adam

        options = {"lr": self.learning_rate, "beta1": BETA1, "beta2": BETA2, "eps": EPSILON}
        options |= {
            "weight_decay": self.weight_decay,
            "amsgrad": False,
            "maximize": False,
            "fused": True,
        }
        return lambda p, g, m, steps: adam(p, g, *m, [], steps, **options)  # type: ignore[arg-type, call-arg]  # as torch.optim calls it

    def torch_optimiser(self, parameters: Iterable[Tensor]) -> Optimizer:
        """`torch.optim.Adam`."""
        from torch import optim

        return optim.Adam(parameters, lr=self.learning_rate, weight_decay=self.weight_decay)
