"""Runs and experiments: expands a grid into cells, and gives each run its folder."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from rknet.cell import Cell

#: Decimal step sizes may miss a horizon by their rounding; no network has more layers.
_ROUNDING, _MOST_STEPS = 1e-9, 10**9


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


class HorizonError(ValueError):
    """A horizon is not what the layers and their step size make."""


def completed(protocol: Mapping[str, Any], grid: Mapping[str, Any]) -> dict[str, Any]:
    """An experiment's grid with the protocol's axes that it leaves open.

    Those of a horizon and a depth leave no step size open: it is their quotient.
    """
    closed = {"step_size"} if {"horizon", "depth"} <= set(grid) else set()
    return {**{axis: v for axis, v in protocol.items() if axis not in closed}, **grid}


def expand(
    grid: Mapping[str, Any], variants: Sequence[Mapping[str, Any]] = ({},)
) -> tuple[Cell, ...]:
    """Expand a grid into its cells, each once, in the order of the grid.

    Parameters
    ----------
    grid : mapping
        From axes (the fields of `Cell`) to a value or a list of values; the cells are their
        product. A ``horizon`` T = L h may stand for the depth L or the step size h.
    variants : sequence of mappings, optional
        Grids that each replace axes of `grid`; the cells of all are joined.

    Raises
    ------
    TypeError
        If an axis is unknown or one without default is missing.
    HorizonError
        If a horizon is not a whole number of steps, or not L h.
    """
    cells: dict[Cell, None] = {}
    for variant in variants:
        axes = {axis: _listed(values) for axis, values in {**grid, **variant}.items()}
        for values in itertools.product(*axes.values()):
            cells[Cell(**_stepped(dict(zip(axes, values, strict=True))))] = None
    return tuple(cells)


def _stepped(setting: dict[str, Any]) -> dict[str, Any]:
    """A setting whose horizon has become a depth or a step size."""
    if "horizon" not in setting:
        return setting
    T = setting.pop("horizon")
    depth, h = setting.get("depth"), setting.get("step_size")
    if h is None:
        return {**setting, "step_size": T / depth if depth else None}
    if depth is None:
        steps = T / h
        depth = round(min(steps, _MOST_STEPS))
        if depth < 1 or abs(steps - depth) > _ROUNDING * depth:
            raise HorizonError(
                f"found {T}, {steps:.6g} steps of step_size {h}; expected a whole number of steps"
            )
    if abs(depth * h - T) > _ROUNDING * T:
        raise HorizonError(
            f"found {T} with depth {depth} and step_size {h}; expected depth times step_size, "
            f"{depth * h:.6g}: leave one of the three out"
        )
    return {**setting, "depth": depth}


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
