"""The optimisers as kernels call them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from numba.extending import register_jitable

from rknet.optimisers.base import Optimiser

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from rknet.optimisers.base import TorchStep


@cache
def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same plain function, which kernels may now call; LLVM puts its code where it is called.

    It stays a plain function because Numba's key for the cache holds a kernel's closure: a plain
    function is pickled by its name, and is the same in every process.
    """
    return register_jitable(forceinline=True, error_model="numpy")(function)


class Recorder(Optimiser):
    """No optimiser: nothing is trained, and the gradient is noted where the first moment goes."""

    default_learning_rate = 0.0
    moments = 1

    @staticmethod
    def factors(step: int, learning_rate: float, momentum: float) -> tuple[float, float]:
        """Without meaning."""
        return 0.0, 0.0

    @staticmethod
    def update(
        parameter: float, first: float, second: float, gradient: float, factors: tuple[float, float]
    ) -> tuple[float, float, float]:
        """The parameter as it is, and the gradient."""
        return parameter, gradient, second

    def torch_step(self) -> TorchStep:
        """The same for PyTorch."""

        def record(parameters, gradients, moments, steps):
            for gradient, moment in zip(gradients, moments[0], strict=True):
                moment.copy_(gradient)

        return record

    def torch_optimiser(self, parameters: Iterable[Tensor]) -> Optimizer:
        """One that changes nothing."""
        from torch import optim

        return optim.SGD(parameters, lr=0.0)
