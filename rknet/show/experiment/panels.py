"""Decides which curves go in which panel, and writes their caption.

This module is light to import, because the workflow asks for captions when it plans.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from rknet.cell import Cell
from rknet.show.experiment.words import (
    following,
    name,
    ordered,
    setting,
    telling,
    varied,
)
from rknet.show.labels import repetitions

#: The most lines in a panel that a reader can tell apart.
MOST_LINES = 6
#: The most rows of panels that a reader can look at together.
MOST_PANELS = 8
#: Panels that are left out are named if there are at most this many.
_MOST_NAMED = 8


@dataclass(frozen=True)
class Panels:
    """Says which cells share a panel.

    Attributes
    ----------
    shown : dict
        From the title of each panel to its cells, each with the name of its line.
    left_out : dict
        The same for the panels for which there is no room.
    """

    shown: dict[str, dict[Cell, str]]
    left_out: dict[str, dict[Cell, str]]


def panels(cells: Sequence[Cell]) -> Panels:
    """Distribute cells over panels: by dataset, and many cells by the axes that split them best.

    Parameters
    ----------
    cells : sequence of Cell

    Returns
    -------
    Panels
        No panel has more than `MOST_LINES` lines, and there are at most `MOST_PANELS`.
    """
    cells = ordered(cells)
    axes = telling(cells)
    by = _splitting(cells, axes)
    groups: dict[tuple, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(tuple(getattr(cell, axis) for axis in by), []).append(cell)
    found = dict(_panel(group, axes) for group in groups.values())
    shown = {title: found.pop(title) for title in _spread(list(found), MOST_PANELS)}
    return Panels(shown, left_out=found)


def _panel(group: list[Cell], axes: Sequence[str]) -> tuple[str, dict[Cell, str]]:
    """A panel's title, which gives the axes that are the same only within it, and its lines."""
    within = [axis for axis in axes if axis in varied(group)] or ["network"]
    same = [axis for axis in axes if axis not in varied(group)]
    return name(group[0], same), {cell: name(cell, within) for cell in group}


def _spread(items: list[str], most: int) -> list[str]:
    """At most `most` of the items, evenly spaced from the first to the last."""
    if len(items) <= most:
        return items
    return [items[place * (len(items) - 1) // (most - 1)] for place in range(most)]


def _splitting(cells: Sequence[Cell], axes: Sequence[str]) -> tuple[str, ...]:
    """The axes that split the cells into panels: those that give the fewest panels."""
    # Costs on different datasets cannot be compared.
    apart = ("dataset",) if "dataset" in axes else ()
    if len(cells) <= MOST_LINES:
        return apart if max(_counts(cells, apart)) > 1 else ()
    others = [axis for axis in axes if axis not in apart]
    # Split by all axes, every line has its own panel. In a product of axes, only one or two axes
    # fit into one panel.
    sizes = sorted({*range(3), *range(len(others) - 2, len(others) + 1)} & {*range(len(axes) + 1)})
    ways = [(*apart, *more) for size in sizes for more in combinations(others, size)]
    counts = {by: _counts(cells, by) for by in ways}
    fitting = [by for by in ways if max(counts[by]) <= MOST_LINES]
    return min(fitting, key=lambda by: len(counts[by]))


def _counts(cells: Sequence[Cell], axes: Sequence[str]) -> list[int]:
    """For each combination of values on the axes, the number of cells that have it."""
    found: dict[tuple, int] = {}
    for cell in cells:
        key = tuple(getattr(cell, axis) for axis in axes)
        found[key] = found.get(key, 0) + 1
    return list(found.values())


def caption(cells: Sequence[Cell], of_cells: Collection[int]) -> str:
    """The caption of an experiment's curves, with the number of repetitions of each cell."""
    same = f"The same for all: {setting(cells)}."
    return " ".join([drawn(cells, of_cells), same, *following(cells)])


def drawn(cells: Sequence[Cell], of_cells: Collection[int]) -> str:
    """A description of an experiment's curves, and of the panels that are left out."""
    averaged = f"means over {repetitions(of_cells)} with bands of the standard deviation"
    averaged = "one run each" if max(of_cells) == 1 else averaged
    words = f"Validation accuracy (left) and cost (right) over the epochs, {averaged}."
    found = panels(cells)
    if not found.left_out:
        return words
    many = len(found.left_out)
    named = f": {'; '.join(found.left_out)}" if many <= _MOST_NAMED else ""
    return (
        f"{words} {len(found.shown)} of {len(found.shown) + many} panels are shown; there is no "
        f"room for {many} more{named}."
    )
