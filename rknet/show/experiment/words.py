"""An experiment in words: on which axes its cells differ, and what they have in common.

Light to import, as the workflow asks for captions when it plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rknet.cell import AXES, Cell
from rknet.show.labels import LIFTS, label, listed

#: Symbols that head a column of an axis; the others are headed by their names.
_HEADINGS = {"width": "d̂", "depth": "L"}
#: How the value of an axis reads in a sentence; the others after the axis' name.
_PHRASES = {
    "network": "{}",
    "width": "d̂ = {}",
    "depth": "L = {}",
    "activation": "{} activation",
    "lift": "{}",
    "classifier": "{} classifier",
    "epochs": "at most {} epochs",
    "batch_size": "batches of {}",
    "loss": "{} loss",
    "engine": "{} engine",
}
#: How it reads where there is little room.
_SHORT = _PHRASES | {"dataset": "{}", "activation": "{}", "loss": "{}", "optimiser": "{}"}
_WORDS = {"cross_entropy": "cross-entropy", "mse": "squared error"}


def title(experiment: str) -> str:
    """An experiment's name as a heading."""
    return experiment.replace("_", " ").capitalize()


def heading(axis: str) -> str:
    """What stands above a column of the axis' values."""
    return _HEADINGS.get(axis, axis.replace("_", " "))


def value(axis: str, of: Cell) -> str:
    """The value that a cell has on an axis, below the axis' heading."""
    written = getattr(of, axis)
    return label(axis, written) if axis == "dataset" else _WORDS.get(written, str(written))


def phrase(axis: str, of: Cell, short: bool = False) -> str:
    """The value that a cell has on an axis, with what it is the value of."""
    text = LIFTS[of.lift].partition(",")[0] if axis == "lift" else value(axis, of)
    pattern = (_SHORT if short else _PHRASES).get(axis, f"{axis.replace('_', ' ')} {{}}")
    return pattern.format(text)


def name(of: Cell, axes: Sequence[str]) -> str:
    """What tells a cell from others that differ from it on some axes: ``RK4Net, L = 5``."""
    return ", ".join(phrase(axis, of, short=True) for axis in axes)


def ordered(cells: Iterable[Cell]) -> list[Cell]:
    """Each cell once, axis by axis: numbers from low to high, names as they come."""
    cells = list(dict.fromkeys(cells))
    ranks = {axis: _ranks([getattr(cell, axis) for cell in cells]) for axis in varied(cells)}
    return sorted(cells, key=lambda cell: [ranks[axis][getattr(cell, axis)] for axis in ranks])


def _ranks(values: Iterable) -> dict:
    found = list(dict.fromkeys(values))
    return {
        value: place
        for place, value in enumerate(found if isinstance(found[0], str) else sorted(found))
    }


def varied(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The axes on which cells differ."""
    return tuple(axis for axis in AXES if len({getattr(cell, axis) for cell in cells}) > 1)


def telling(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Axes that tell all cells apart: those that vary, unless one before them decides their value.

    If each network has a depth of its own, say, the network tells it.
    """
    deciding = _deciding(cells)
    return tuple(axis for axis in varied(cells) if axis not in deciding)


def following(cells: Sequence[Cell]) -> list[str]:
    """Sentences on the axes that `telling` leaves out."""
    cells = ordered(cells)
    sentences = []
    for axis, by in _deciding(cells).items():
        first = {getattr(cell, by): cell for cell in reversed(cells)}
        values = [f"{phrase(axis, first[key])} for {phrase(by, first[key], short=True)}"
                  for key in dict.fromkeys(getattr(cell, by) for cell in cells)]  # fmt: skip
        names = [name.replace("_", " ") for name in (axis, by)]
        sentences.append(f"The {names[0]} goes with the {names[1]}: {', '.join(values)}.")
    return sentences


def _deciding(cells: Sequence[Cell]) -> dict[str, str]:
    """From each axis whose value one before it decides to that one."""
    found: dict[str, str] = {}
    axes = varied(cells)
    for place, axis in enumerate(axes):
        before = (other for other in axes[:place] if other not in found)
        by = next((other for other in before if _decides(other, axis, cells)), None)
        if by is not None:
            found[axis] = by
    return found


def _decides(one: str, other: str, cells: Sequence[Cell]) -> bool:
    pairs = {(getattr(cell, one), getattr(cell, other)) for cell in cells}
    return len(pairs) == len({getattr(cell, one) for cell in cells})


def setting(cells: Sequence[Cell]) -> str:
    """What is the same for all cells, as a list in a sentence."""
    differing = set(varied(cells))
    # Only SGD has a momentum.
    silent = set() if any(cell.momentum for cell in cells) else {"momentum"}
    return listed([phrase(axis, cells[0]) for axis in AXES if axis not in differing | silent])


def repetitions(seeds: int) -> str:
    """How many repetitions there are."""
    return "1 repetition" if seeds == 1 else f"{seeds} repetitions"
