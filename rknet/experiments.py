"""Cells and runs: what is trained, how a grid expands into cells, and where each run lives."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

#: PyTorch's default learning rates.
LEARNING_RATES = {"adam": 0.001, "sgd": 0.001, "adagrad": 0.01, "adadelta": 1.0}


@dataclass(frozen=True)
class Cell:
    """One setting, trained once a seed. The defaults are the paper's.

    Attributes
    ----------
    dataset, network : str
        Names, such as ``spiral`` and ``RK4Net``.
    width : int
        Dimension d̂ of the feature space.
    depth : int
        Number of layers L.
    activation : str
        ``tanh``, ``logistic``, ``relu`` or ``softplus`` (2.1).
    lift : str
        ``random``: a frozen random linear map (what the published tables were made with), or
        ``zeros``: padding by zeros (2.3).
    classifier : str
        ``trained`` or ``fixed`` W and μ.
    step_size : float
        Step size h of (2.12); without meaning for StandardNet.
    epochs : int
        Most epochs.
    batch_size : int
        Samples in a training step.
    loss : str
        ``cross_entropy`` (3.1) or ``mse``.
    optimiser : str
        ``adam``, ``sgd``, ``adagrad`` or ``adadelta``, as PyTorch defines them.
    learning_rate : float
        Where None is given, PyTorch's default for the optimiser.
    momentum : float
        Of ``sgd``.
    tolerance : float
        By how much the mean validation cost of five epochs may exceed that of the five before.
    engine : str
        What trains it: ``compiled``, ``torch`` or ``autograd``.
    """

    dataset: str
    network: str
    width: int
    depth: int
    activation: str = "tanh"
    lift: str = "random"
    classifier: str = "trained"
    step_size: float = 0.05
    epochs: int = 40
    batch_size: int = 5
    loss: str = "cross_entropy"
    optimiser: str = "adam"
    learning_rate: float = None  # type: ignore[assignment]  # resolved below
    momentum: float = 0.0
    tolerance: float = 0.05
    engine: str = "compiled"

    def __post_init__(self) -> None:
        if self.learning_rate is None:
            object.__setattr__(self, "learning_rate", LEARNING_RATES[self.optimiser])
        # YAML may say 16.0 or 1 where 16 or 1.0 is meant; a cell has one name only.
        for field in fields(self):
            kind = {"int": int, "float": float}.get(str(field.type), str)
            object.__setattr__(self, field.name, kind(getattr(self, field.name)))

    @property
    def name(self) -> str:
        """The cell's folder: its shape, then whatever is not the paper's default."""
        tokens = [f"width{self.width}", f"depth{self.depth}", self.activation, self.lift]
        for field, label in _LABELS.items():
            value = getattr(self, field)
            usual = _DEFAULTS[field]
            if field == "learning_rate":
                usual = LEARNING_RATES[self.optimiser]
            if value != usual:
                tokens.append(f"{label}{value}")
        return "_".join(tokens)

    @classmethod
    def from_name(cls, dataset: str, network: str, name: str) -> Cell:
        """The cell whose `name` this is.

        Raises
        ------
        ValueError
            If it is no cell's name.
        """
        match = re.fullmatch(r"width(\d+)_depth(\d+)_([a-z]+)_([a-z]+)(?:_(.+))?", name)
        if match is None:
            raise ValueError(f"{name!r} names no cell; one looks like width16_depth20_tanh_random")
        width, depth, activation, lift, rest = match.groups()
        settings: dict[str, Any] = {}
        for token in rest.split("_") if rest else ():
            for field, label in _LABELS.items():
                if token.startswith(label):
                    kind = float if field == "learning_rate" else type(_DEFAULTS[field])
                    settings[field] = kind(token.removeprefix(label))
                    break
            else:
                raise ValueError(f"{name!r} names no cell: {token!r} is no setting")
        return cls(dataset, network, int(width), int(depth), activation, lift, **settings)


#: Labels of the settings that a cell's name shows only where they are not the default.
_LABELS = {
    "classifier": "classifier-",
    "step_size": "step",
    "epochs": "epochs",
    "batch_size": "batch",
    "loss": "loss-",
    "optimiser": "by-",
    "learning_rate": "rate",
    "momentum": "momentum",
    "tolerance": "tol",
    "engine": "engine-",
}
_DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Cell) if f.default is not MISSING}

#: The axes a grid may have: the fields of a cell.
AXES = tuple(f.name for f in fields(Cell))


@dataclass(frozen=True)
class Run:
    """A cell and a seed: one job and one folder."""

    cell: Cell
    seed: int

    @property
    def path(self) -> str:
        """The run's folder below ``results/runs``: dataset, network, cell, seed."""
        return f"{self.cell.dataset}/{self.cell.network}/{self.cell.name}/seed{self.seed}"

    @classmethod
    def from_path(cls, path: str) -> Run:
        """The run whose `path` this is.

        Raises
        ------
        ValueError
            If it is no run's path.
        """
        parts = PurePosixPath(path).parts
        seed = re.fullmatch(r"seed(\d+)", parts[-1]) if len(parts) == 4 else None
        if seed is None:
            raise ValueError(f"{path!r} is no run's path: dataset/network/cell/seed<k>")
        return cls(Cell.from_name(*parts[:3]), int(seed[1]))


@dataclass(frozen=True)
class Experiment:
    """A named set of cells and the seeds each is repeated with, but for absent runs."""

    name: str
    cells: tuple[Cell, ...]
    seeds: tuple[int, ...]
    absent: frozenset[Run] = frozenset()

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Every cell with every seed, if not absent."""
        return tuple(run for cell in self.cells for run in self.runs_of(cell))

    def runs_of(self, cell: Cell) -> tuple[Run, ...]:
        """One cell with every seed, if not absent."""
        every = (Run(cell, seed) for seed in self.seeds)
        return tuple(run for run in every if run not in self.absent)

    def without(self, absent: Iterable[Run]) -> Experiment:
        """The experiment without these runs, and without the cells that then have none."""
        gone = frozenset(absent)
        present = {run.cell for run in self.runs if run not in gone}
        return replace(
            self, cells=tuple(cell for cell in self.cells if cell in present), absent=gone
        )


def expand(
    grid: Mapping[str, Any], variants: Sequence[Mapping[str, Any]] = ({},)
) -> tuple[Cell, ...]:
    """Expand a grid into its cells, each once, in the order of the grid.

    Parameters
    ----------
    grid : mapping
        From axes (the fields of `Cell`) to a value or a list of values; the cells are their
        product.
    variants : sequence of mappings, optional
        Grids that each replace axes of `grid`; the cells of all are joined.

    Raises
    ------
    TypeError
        If an axis is unknown or one without default is missing.
    """
    cells: dict[Cell, None] = {}
    for variant in variants:
        axes = {axis: _listed(values) for axis, values in {**grid, **variant}.items()}
        for values in itertools.product(*axes.values()):
            cells[Cell(**dict(zip(axes, values, strict=True)))] = None
    return tuple(cells)


def seeds(value: int | Iterable[int]) -> tuple[int, ...]:
    """The seeds meant by a number of repetitions (0, 1, …) or by a list of seeds."""
    # YAML may say 4.0 where 4 is meant.
    return tuple(range(int(value))) if isinstance(value, int | float) else tuple(map(int, value))


def count(grid: Mapping[str, Any], variants: Sequence[Mapping[str, Any]] = ({},)) -> int:
    """The most cells that `expand` can make of a grid, without making them."""
    return sum(
        math.prod(len(_listed(values)) for values in {**grid, **variant}.values())
        for variant in variants
    )


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]
