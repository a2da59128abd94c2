"""The base of every kind of network: its definition, its step, and its PyTorch module.

A kind is a file in this package that registers itself under the key of its definition. It is light:
`rknet.networks.modules`, which needs PyTorch, is imported only where a module is made.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rknet.cell import Cell
from rknet.registry import Registry
from rknet.tableau import ButcherTableau

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

Y = TypeVar("Y")

#: The activations of (2.1), and the lifts of inputs into the feature space (2.3).
ACTIVATIONS = ("tanh", "logistic", "relu", "softplus")
LIFTS = ("random", "zeros")


class UnsolvedError(ArithmeticError):
    """A network's equations, which it solves by iteration, were not solved."""


class Network(ABC):
    """A network without its size, as a name under ``networks`` defines it.

    Two networks are equal if their definitions are equal.

    Attributes
    ----------
    tableau : ButcherTableau or None
        The scheme of a Runge–Kutta net.
    residual : bool
        Whether a layer adds to its input, as (2.12) does and (2.6) does not.
    swept : bool
        Whether `tableau` and `residual` define it completely, so that engines with their own
        backward sweep can train it.
    """

    tableau: ButcherTableau | None = None
    residual: bool = False
    swept: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Network:
        """The network of a definition that has this kind's key.

        Raises
        ------
        ValueError
            If it is wrong; the message begins with the key.
        """

    @abstractmethod
    def definition(self) -> dict[str, Any]:
        """Plain values that `from_definition` takes, as a run's record has them."""

    def roots(self) -> tuple[str, ...]:
        """The roots of its fingerprint: its code, including the user's files."""
        return (f"{type(self).__module__}:{type(self).__qualname__}",)

    def step(self, f: Callable[[Y], Y], y: Y, h: float) -> Y:
        """The features after a layer, from those before it.

        Parameters
        ----------
        f : callable
            The layer's y ↦ σ(K y + b).
        y : array, tensor or number
            Anything that can be added and multiplied by a number.
        h : float
            Step size.
        """
        raise NotImplementedError(f"{type(self).__qualname__} has no layers (2.4)")

    def start(self, draw: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """The parameters that a run starts from; none if the module draws its own.

        Parameters
        ----------
        draw : callable
            Draws what all networks of the cell's width and depth share,
            `rknet.engines.base.initial_parameters`.
        """
        return draw() if self.swept else {}

    def module(
        self,
        dimension: int,
        width: int,
        depth: int,
        classes: int,
        *,
        activation: str = "tanh",
        lift: str = "random",
        step_size: float = 0.05,
        train_classifier: bool = True,
    ) -> nn.Module:
        """The network as a PyTorch module that maps (samples, d) to logits (samples, K).

        Arguments and errors are those of `rknet.networks.modules.FeatureNet`. PyTorch draws the
        initial parameters from its global generator.
        """
        from rknet.networks.modules import FeatureNet

        return FeatureNet(
            self,
            dimension,
            width,
            depth,
            classes,
            activation=activation,
            lift=lift,
            step_size=step_size,
            train_classifier=train_classifier,
        )

    def problems(self, cell: Cell, dimension: int, classes: int) -> Iterator[str]:  # noqa: ARG002
        """The problems of the network with a cell on a dataset, found before training.

        Yields
        ------
        str
            A problem; it begins with the axis, as in the config.
        """
        if cell.width < dimension:
            yield (
                f"width: found {cell.width}; {cell.dataset} has {dimension} input dimensions, "
                f"and a feature space has at least as many"
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self.definition() == other.definition()

    def __hash__(self) -> int:
        return hash(json.dumps(self.definition(), sort_keys=True))

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({self.definition()})"


#: The kinds of networks, by the key of their definitions.
NETWORKS: Registry[type[Network]] = Registry("network", "rknet.networks")

#: The paper's networks; they need no definition in the config.
BUILT_IN: dict[str, dict[str, Any]] = {
    "StandardNet": {"standard": {}},
    "EulerNet": {"tableau": "euler"},
    "RK4Net": {"tableau": "rk4"},
}


def network(definition: Mapping[str, Any]) -> Network:
    """The network of a definition as a person writes it, such as ``{"tableau": "rk4"}``.

    Raises
    ------
    ValueError
        As `defined`; also if no scheme has the name.
    """
    from rknet.networks.runge_kutta import written_out

    return defined(written_out(definition))


def defined(definition: Mapping[str, Any]) -> Network:
    """The network of a definition that is written out, as in a run's setting.

    Raises
    ------
    ValueError
        If no key, or more than one, is a kind's, or the kind refuses the definition.
    """
    kinds = [key for key in definition if key in NETWORKS]
    if len(kinds) != 1:
        raise ValueError(
            f"a network is defined by one of the keys {', '.join(NETWORKS)}; "
            f"found {', '.join(definition) or 'none'}"
        )
    return NETWORKS[kinds[0]].from_definition(definition)


def only_keys(definition: Mapping[str, Any], *allowed: str) -> None:
    """Refuse keys that a definition may not have.

    Raises
    ------
    ValueError
        If there is one.
    """
    if unknown := [key for key in definition if key not in allowed]:
        raise ValueError(f"unknown key {unknown[0]!r}; allowed are {', '.join(allowed)}")
