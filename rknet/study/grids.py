"""Runs and experiments: expands a grid into cells, and gives each run its folder."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from rknet.cell import Cell


@dataclass(frozen=True)
class Run:
    """A cell and a seed: one job and one folder."""

    cell: Cell
    seed: int

    @property
    def path(self) -> str:
        """The run's folder below ``results/runs``: dataset, network, cell, seed."""
        return f"{self.cell.dataset}/{self.cell.network}/{self.cell.name}/seed{self.seed}"


@dataclass(frozen=True)
class Experiment:
    """A named set of cells, with the seeds of each, and the runs that are absent."""

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


def doubled(first: int, most: int) -> tuple[int, ...]:
    """The looks from the first on, each at twice the repetitions of the one before, to the last."""
    looks = [first]
    while 2 * looks[-1] < most:
        looks.append(2 * looks[-1])
    return tuple(dict.fromkeys([*looks, most]))


def count(grid: Mapping[str, Any], variants: Sequence[Mapping[str, Any]] = ({},)) -> int:
    """The most cells that `expand` can make of a grid, without making them."""
    return sum(
        math.prod(len(_listed(values)) for values in {**grid, **variant}.values())
        for variant in variants
    )


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]
