"""The base of every engine: the training problem it gets, its methods, and its kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple, Protocol

import numpy as np

from rknet.cell import Cell
from rknet.datasets import Dataset
from rknet.networks.base import Network
from rknet.registry import Registry
from rknet.seeds import stream

Parameters = dict[str, np.ndarray]


@dataclass(frozen=True)
class Problem:
    """A training problem (3.3), the same for every engine.

    Attributes
    ----------
    cell : Cell
        The setting.
    network : Network
        The network that is trained.
    start : dict of ndarray
        Initial parameters, as `Network.start` gives them; their dtype is the one trained in. Empty
        if the network's module draws its own.
    dataset : Dataset
        Training and validation split.
    seed : int
        Repetition: decides the order of samples, and what a module draws.
    """

    cell: Cell
    network: Network
    start: Parameters
    dataset: Dataset
    seed: int = 0

    @property
    def classes(self) -> int:
        """Number of classes K."""
        return self.dataset.about.classes


def initial_parameters(
    cell: Cell, seed: int, dimension: int, classes: int, dtype: type = np.float32
) -> Parameters:
    """Draw a run's initial parameters, uniform on ±1/√fan_in as in PyTorch's linear layer.

    Networks of the same width, depth and seed start from the same values, whatever their
    scheme, activation or lift, so that comparisons between them are paired.

    Parameters
    ----------
    cell : Cell
        Gives width d̂, depth L and lift.
    seed : int
        Repetition.
    dimension, classes : int
        Input dimension d and number of classes.
    dtype : type, optional
        Floating-point type.

    Returns
    -------
    dict of ndarray
        ``lift`` (d̂, d), frozen; ``K`` (L, d̂, d̂) and ``b`` (L, d̂) of the layers (2.4);
        ``W`` (classes, d̂) and ``mu`` (classes,) of the classifier.
    """
    width, depth = cell.width, cell.depth

    def uniform(parameter: str, fan_in: int, *shape: int) -> np.ndarray:
        rng = stream("initialisation", parameter=parameter, width=width, depth=depth, seed=seed)
        return rng.uniform(-1, 1, shape).astype(dtype) / np.sqrt(fan_in).astype(dtype)  # type: ignore[no-any-return]  # `dtype` decides

    return {
        "lift": np.eye(width, dimension, dtype=dtype)  # (2.3)
        if cell.lift == "zeros"
        else uniform("lift", dimension, width, dimension),
        "K": uniform("K", width, depth, width, width),
        "b": uniform("b", width, depth, width),
        "W": uniform("W", width, classes, width),
        "mu": uniform("mu", width, classes),
    }


class Metrics(NamedTuple):
    """Mean cost and accuracy on both splits, whole."""

    training_cost: float
    training_accuracy_percent: float
    validation_cost: float
    validation_accuracy_percent: float


class Engine(Protocol):
    """Does the numerical work of a run.

    Attributes
    ----------
    threads : int
        How many threads share its work; with another number, sums may be rounded differently.
    """

    threads: int

    def train_epoch(self, order: np.ndarray) -> None:
        """Train on the training split once, in batches cut from `order` (int64, every sample)."""

    def evaluate(self) -> Metrics:
        """Cost and accuracy on both splits with the present parameters."""

    def parameters(self) -> Parameters:
        """The present parameters, as `initial_parameters` names them."""

    def state(self) -> dict[str, np.ndarray]:
        """All arrays that training changes, by the engine's own names."""

    def restore(self, name: str, array: np.ndarray) -> None:
        """Restore one array of `state`; with all of them, it continues as if never stopped."""


class EngineKind(ABC):
    """A kind of engine: what it can train, on what, and how it is made.

    Attributes
    ----------
    preference : int
        If several engines have trained a cell, the runs of the one with the lowest preference
        count. If several engines can train a module, that one does.
    on_gpu : bool
        Whether it can train on a GPU.
    """

    preference: ClassVar[int]
    on_gpu: ClassVar[bool] = False

    @classmethod
    def problems(cls, network: Network, cell: Cell) -> Iterator[str]:
        """Why it cannot train the cell, each with the key that is wrong; nothing if it can."""
        if network.tableau is not None and not network.tableau.is_explicit:
            yield (
                f"network: {cell.network} has an implicit tableau; the {cell.engine} engine takes "
                f"explicit ones only (A strictly lower triangular)"
            )

    @classmethod
    def threads(cls, cell: Cell) -> int:  # noqa: ARG003
        """The number of threads that make it faster."""
        return 1

    @classmethod
    @abstractmethod
    def limit_threads(cls, count: int) -> None:
        """Let engines of this process use so many threads, and no more."""

    @classmethod
    def engine(cls, problem: Problem, device: str = "cpu") -> Engine:
        """An engine ready to train.

        Parameters
        ----------
        problem : Problem
            Its start may be what is trained: it is not for a second engine.
        device : str, optional
            Where to train, see `rknet.engines.on_torch.devices`; without meaning for an engine that
            is not for GPUs.

        Raises
        ------
        ValueError
            If it cannot train the problem, or the device has no such name.
        RuntimeError
            If the device is missing or too full.
        """
        for reason in cls.problems(problem.network, problem.cell):
            raise ValueError(reason)
        return cls._engine(problem, device)

    @classmethod
    @abstractmethod
    def _engine(cls, problem: Problem, device: str) -> Engine:
        """As `engine`, for a problem that it can train."""


def swept_only(network: Network, cell: Cell) -> Iterator[str]:
    """Why an engine that writes the backward sweep out cannot train a network, if so."""
    if not network.swept:
        yield (
            f"engine: found {cell.engine}, which cannot train {cell.network}; set engine: "
            "autograd, or leave it out"
        )


#: All kinds by name. Their modules are light: libraries are imported by the job that needs them.
ENGINES: Registry[type[EngineKind]] = Registry("engine", "rknet.engines")


def preferred(network: Network, cell: Cell, on_gpu: bool = False) -> str:
    """The engine that is preferred of those that can train a cell, whatever engine that names.

    Parameters
    ----------
    network : Network
    cell : Cell
    on_gpu : bool, optional
        Whether it must be able to use a GPU.

    Raises
    ------
    ValueError
        If no engine can train it; the message says why the last one cannot.
    """
    for name in sorted(ENGINES, key=lambda name: ENGINES[name].preference):
        kind = ENGINES[name]
        reasons = list(kind.problems(network, replace(cell, engine=name)))
        if not reasons and (kind.on_gpu or not on_gpu):
            return name
    raise ValueError(reasons[0])
