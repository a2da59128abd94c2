"""The base of every optimiser: its default rate, and its step for every engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from rknet.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    #: Steps in place; takes parameters, gradients, moments (a list of each kind) and step counts.
    TorchStep = Callable[[list[Tensor], list[Tensor], list[list[Tensor]], list[Tensor]], None]


class Optimiser(ABC):
    """An optimiser with its numbers; `torch.optim` defines what it does.

    Parameters
    ----------
    learning_rate : float
    momentum : float, optional
        Without meaning for a kind that has none.
    weight_decay : float, optional
        How much of each parameter is added to its gradient.

    Attributes
    ----------
    default_learning_rate : float
    has_momentum : bool
    """

    default_learning_rate: ClassVar[float]
    has_momentum: ClassVar[bool] = False

    def __init__(
        self, learning_rate: float, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        self.learning_rate, self.momentum = learning_rate, momentum
        self.weight_decay = weight_decay

    @property
    @abstractmethod
    def moments(self) -> int:
        """How many numbers it keeps of every parameter, at most two."""

    @staticmethod
    @abstractmethod
    def factors(step: int, learning_rate: float, momentum: float) -> tuple[float, float]:
        """What `update` needs of the step, counted from 1: computed once for all parameters.

        A plain function that Numba compiles.
        """

    @staticmethod
    @abstractmethod
    def update(
        parameter: float, first: float, second: float, gradient: float, factors: tuple[float, float]
    ) -> tuple[float, float, float]:
        """A parameter and its two moments after a step.

        A plain function that Numba compiles, for single and double precision: it computes in the
        type of what it is given, so its constants are converted to that. The weight decay is in
        the gradient already.
        """

    @abstractmethod
    def torch_step(self) -> TorchStep:
        """The same step as a function of lists: an object a layer would be slower to call."""

    @abstractmethod
    def torch_optimiser(self, parameters: Iterable[Tensor]) -> Optimizer:
        """The class in `torch.optim`, on these parameters."""


#: All kinds by name.
OPTIMISERS: Registry[type[Optimiser]] = Registry("optimiser", "rknet.optimisers")
