"""Which curves stand in which panel, and what the caption says of them.

Light to import, as the workflow asks for captions when it plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from rknet.cell import Cell
from rknet.show.experiment.words import (
    following,
    name,
    ordered,
    repetitions,
    setting,
    telling,
    varied,
)

#: Lines that can be told apart.
MOST_LINES = 6
#: Rows of panels that can be looked at together.
MOST_PANELS = 8
#: Panels that are left out are named, if they are not more.
_MOST_NAMED = 8


@dataclass(frozen=True)
class Panels:
    """Which cells share a panel.

    Attributes
    ----------
    shown : dict
        From the title of each panel to its cells, each with what its line is called.
    left_out : dict
        Likewise, the panels for which there is no room.
    """

    shown: dict[str, dict[Cell, str]]
    left_out: dict[str, dict[Cell, str]]


def panels(cells: Sequence[Cell]) -> Panels:
    """Distribute cells over panels: by dataset, or by what best splits them if they are many.

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
    """A panel's title, which says what is the same within it alone, and its lines."""
    within = [axis for axis in axes if axis in varied(group)] or ["network"]
    same = [axis for axis in axes if axis not in varied(group)]
    return name(group[0], same), {cell: name(cell, within) for cell in group}


def _spread(items: list[str], most: int) -> list[str]:
    """So many of them, evenly from the first to the last."""
    if len(items) <= most:
        return items
    return [items[place * (len(items) - 1) // (most - 1)] for place in range(most)]


def _splitting(cells: Sequence[Cell], axes: Sequence[str]) -> tuple[str, ...]:
    """The axes by whose values panels differ: those that make the fewest panels."""
    # Costs on different datasets do not compare.
    apart = ("dataset",) if "dataset" in axes else ()
    if len(cells) <= MOST_LINES:
        return apart if max(_counts(cells, apart)) > 1 else ()
    others = [axis for axis in axes if axis not in apart]
    # By all axes, each line would have a panel. In a product of axes only one or two fit into one.
    sizes = sorted({*range(3), *range(len(others) - 2, len(others) + 1)} & {*range(len(axes) + 1)})
    ways = [(*apart, *more) for size in sizes for more in combinations(others, size)]
    counts = {by: _counts(cells, by) for by in ways}
    fitting = [by for by in ways if max(counts[by]) <= MOST_LINES]
    return min(fitting, key=lambda by: len(counts[by]))


def _counts(cells: Sequence[Cell], axes: Sequence[str]) -> list[int]:
    """How many cells have the same values on the axes, for each that there are."""
    found: dict[tuple, int] = {}
    for cell in cells:
        key = tuple(getattr(cell, axis) for axis in axes)
        found[key] = found.get(key, 0) + 1
    return list(found.values())


def caption(cells: Sequence[Cell], seeds: int) -> str:
    """The caption of an experiment's curves."""
    same = f"The same for all: {setting(cells)}."
    return " ".join([drawn(cells, seeds), same, *following(cells)])


def drawn(cells: Sequence[Cell], seeds: int) -> str:
    """What an experiment's curves are, and what is left out."""
    averaged = f"means over {repetitions(seeds)} with bands of the standard deviation"
    averaged = "one run each" if seeds == 1 else averaged
    words = f"Validation accuracy (left) and cost (right) over the epochs, {averaged}."
    found = panels(cells)
    if not found.left_out:
        return words
    many = len(found.left_out)
    named = f": {'; '.join(found.left_out)}" if many <= _MOST_NAMED else ""
    return (
        f"{words} {len(found.shown)} of {len(found.shown) + many} panels are shown; for want of "
        f"room {many} {'is' if many == 1 else 'are'} left out{named}."
    )
