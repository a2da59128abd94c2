"""What every engine is given, a training problem, and what it must do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from rknet.cell import Cell
from rknet.datasets import Dataset
from rknet.seeds import stream
from rknet.tableau import ButcherTableau

Parameters = dict[str, np.ndarray]


@dataclass(frozen=True)
class Problem:
    """A training problem (3.3), the same for every engine.

    Attributes
    ----------
    cell : Cell
        The setting.
    tableau : ButcherTableau or None
        The scheme of (2.12); None for StandardNet (2.6).
    start : dict of ndarray
        Initial parameters, see `initial_parameters`; their dtype is the one trained in.
    dataset : Dataset
        Training and validation split.
    """

    cell: Cell
    tableau: ButcherTableau | None
    start: Parameters
    dataset: Dataset

    @classmethod
    def from_setting(cls, setting: dict[str, Any], dataset: Dataset, classes: int) -> Problem:
        """The problem of a run, from its setting as `Configuration.setting` gives it."""
        setting = dict(setting)
        setting.pop("dataset_definition", None)
        tableau, seed = setting.pop("tableau"), setting.pop("seed")
        cell = Cell(**setting)
        dimension = dataset.training.x.shape[1]
        return cls(
            cell,
            tableau and ButcherTableau.from_mapping(tableau),
            initial_parameters(cell, seed, dimension, classes),
            dataset,
        )


def initial_parameters(
    cell: Cell, seed: int, dimension: int, classes: int, dtype: type = np.float32
) -> Parameters:
    """Draw the parameters a run starts from, uniform on ±1/√fan_in as PyTorch's linear layer.

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
        return rng.uniform(-1, 1, shape).astype(dtype) / np.sqrt(fan_in).astype(dtype)

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
    """What carries out the numerical work of a run.

    Attributes
    ----------
    threads : int
        How many share its work: with another number, sums may be rounded otherwise.
    """

    threads: int

    def train_epoch(self, order: np.ndarray) -> None:
        """Train on the training split once, in batches cut from `order` (int64, every sample)."""

    def evaluate(self) -> Metrics:
        """Cost and accuracy on both splits with the present parameters."""

    def parameters(self) -> Parameters:
        """The present parameters, as `initial_parameters` names them."""

    def state(self) -> dict[str, np.ndarray]:
        """All that training changes, by names of the engine's own."""

    def restore(self, name: str, array: np.ndarray) -> None:
        """Put back one array of `state`; an engine with all of them goes on as if never stopped."""
