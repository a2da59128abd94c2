"""An experiment in words: the axes on which its cells differ, and the settings that they share.

This module is light to import, because the workflow asks for captions when it plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rknet.cell import AXES, Cell
from rknet.show.labels import LIFTS, label, listed

#: The axes whose columns have a symbol as heading; the others have the axis' name.
_HEADINGS = {"width": "d̂", "depth": "L"}
#: The phrase for a value of an axis in a sentence; for other axes it is the name, then the value.
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
#: Shorter names of values, for places with little room.
_SHORT = _PHRASES | {"dataset": "{}", "activation": "{}", "loss": "{}", "optimiser": "{}"}
_WORDS = {"cross_entropy": "cross-entropy", "mse": "squared error"}


def title(experiment: str) -> str:
    """An experiment's name as a heading."""
    return experiment.replace("_", " ").capitalize()


def heading(axis: str) -> str:
    """The heading of a column with the axis' values."""
    return _HEADINGS.get(axis, axis.replace("_", " "))


def number(written: float) -> str:
    """A number as a person writes it, so that different ones look different.

    One that has no end, as a step of a third, is cut after six digits.
    """
    whole = f"{written:.12g}"
    return whole if float(whole) == written else f"{written:.6g}"


def value(axis: str, of: Cell) -> str:
    """A cell's value on an axis, as written below the axis' heading."""
    written = getattr(of, axis)
    if axis in ("training_samples", "validation_samples") and not written:
        return "as usual"
    if isinstance(written, float):
        return number(written)
    return label(axis, written) if axis == "dataset" else _WORDS.get(written, str(written))


def phrase(axis: str, of: Cell, short: bool = False) -> str:
    """A cell's value on an axis, together with the axis."""
    text = LIFTS[of.lift].partition(",")[0] if axis == "lift" else value(axis, of)
    pattern = (_SHORT if short else _PHRASES).get(axis, f"{axis.replace('_', ' ')} {{}}")
    return pattern.format(text)


def name(of: Cell, axes: Sequence[str]) -> str:
    """A cell's name among cells that differ on the given axes, such as ``RK4Net, L = 5``."""
    return ", ".join(phrase(axis, of, short=True) for axis in axes)


def ordered(cells: Iterable[Cell]) -> list[Cell]:
    """The cells, each once, sorted axis by axis: numbers from low to high, names in their order."""
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
    """Axes that tell all cells apart: those that vary, except if an earlier axis decides the value.

    For example, if each network has its own depth, the depth is left out.
    """
    deciding = _deciding(cells)
    return tuple(axis for axis in varied(cells) if axis not in deciding)


def following(cells: Sequence[Cell]) -> list[str]:
    """Sentences on the axes that `telling` leaves out."""
    cells = ordered(cells)
    sentences = []
    for axis, by in _deciding(cells).items():
        deciders: dict[str, list[str]] = {}
        for cell in cells:
            deciders.setdefault(phrase(axis, cell), []).append(phrase(by, cell, short=True))
        values = [
            f"{text} for {listed(list(dict.fromkeys(those)))}" for text, those in deciders.items()
        ]
        names = [name.replace("_", " ") for name in (axis, by)]
        sentences.append(f"The {names[0]} goes with the {names[1]}: {'; '.join(values)}.")
    return sentences


def _deciding(cells: Sequence[Cell]) -> dict[str, str]:
    """From each axis whose value an earlier axis decides to that earlier axis."""
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
    """The settings that all cells share, as a list in a sentence."""
    differing = set(varied(cells))
    # Hardly any experiment has them.
    rare = ("momentum", "weight_decay", "training_samples", "validation_samples")
    silent = {axis for axis in rare if not any(getattr(cell, axis) for cell in cells)}
    return listed([phrase(axis, cells[0]) for axis in AXES if axis not in differing | silent])
