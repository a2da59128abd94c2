"""Which curves stand in which panel, and what the caption says of them.

Light to import, as the workflow asks for captions when it plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from rknet.cell import Cell
from rknet.show.experiment.words import name, ordered, repetitions, setting, telling
from rknet.show.labels import listed

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
    left_out : tuple of str
        Titles of the panels for which there is no room.
    """

    shown: dict[str, dict[Cell, str]]
    left_out: tuple[str, ...] = ()


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
    within = [axis for axis in axes if axis not in by] or ["network"]
    found: dict[str, dict[Cell, str]] = {}
    for cell in cells:
        found.setdefault(name(cell, by), {})[cell] = name(cell, within)
    titles = list(found)
    return Panels(
        {title: found[title] for title in titles[:MOST_PANELS]}, tuple(titles[MOST_PANELS:])
    )


def _splitting(cells: Sequence[Cell], axes: Sequence[str]) -> tuple[str, ...]:
    """The axes by whose values panels differ: few axes, then few panels, then datasets apart."""
    if len(cells) <= MOST_LINES:
        # Costs on different datasets do not compare.
        apart = ("dataset",) if "dataset" in axes else ()
        return apart if len(_counts(cells, apart)) < len(cells) else ()
    fitting = (
        [by for by in combinations(axes, many) if max(_counts(cells, by)) <= MOST_LINES]
        for many in range(1, len(axes) + 1)
    )
    first = next(filter(None, fitting))
    return min(first, key=lambda by: (len(_counts(cells, by)), "dataset" not in by))


def _counts(cells: Sequence[Cell], axes: Sequence[str]) -> list[int]:
    """How many cells have the same values on the axes, for each that there are."""
    found: dict[tuple, int] = {}
    for cell in cells:
        key = tuple(getattr(cell, axis) for axis in axes)
        found[key] = found.get(key, 0) + 1
    return list(found.values())


def caption(cells: Sequence[Cell], seeds: int) -> str:
    """The caption of an experiment's curves."""
    found = panels(cells)
    words = (
        f"Validation accuracy (left) and cost (right) over the epochs: means over "
        f"{repetitions(seeds)}, with bands of the standard deviation. "
        f"The same for all: {setting(cells)}."
    )
    if not found.left_out:
        return words
    many = len(found.left_out)
    named = f": {listed(found.left_out)}" if many <= _MOST_NAMED else ""
    return (
        f"{words} {len(found.shown)} of {len(found.shown) + many} panels are shown; {many} "
        f"{'is' if many == 1 else 'are'} left out for want of room{named}."
    )
