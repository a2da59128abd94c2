"""Names for readers: of lifts and of the values of axes, in tables, figures and captions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rknet.study.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

#: Marks what rests on runs from the archive.
ARCHIVED = "‡"
#: The name of each lift, in the order in which they are shown.
LIFTS = {"random": "frozen random lift", "zeros": "padding by zeros"}
_IMAGES = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
_STATISTICS = {"mean": "mean", "std": "standard deviation"}


def label(axis: str, value: object) -> str:
    """A value of an axis, as a reader expects it."""
    if axis == "dataset":
        match = re.fullmatch(r"(.+?)_(\d+)d(?:_(\d+)c)?", str(value))
        if match is None:
            return _IMAGES.get(str(value), str(value))
        family, dimension, classes = match.groups()
        return f"{family} {dimension}D" + (f" & {classes}C" if classes else "")
    if axis == "metric":
        metric = METRICS[str(value)]
        return f"{metric.title} ({metric.unit})"
    if axis == "depth":
        return f"L = {value}"
    if axis == "width":
        return f"d̂ = {value}"
    return _STATISTICS.get(str(value), str(value))


def lift_heading(lift: str, words: Mapping[str, str]) -> str:
    """The name of a lift, with what the paper adds to it."""
    return ", ".join(filter(None, (LIFTS[lift], words.get(lift, ""))))


def lift_in_short(lift: str) -> str:
    """The name of a lift where there is little room."""
    return LIFTS[lift].removeprefix("frozen ")


def lift_in_a_sentence(lift: str) -> str:
    """The name of a lift within a sentence."""
    return ("a " if lift == "random" else "") + LIFTS[lift]


def repetitions(of_cells: Collection[int]) -> str:
    """In words, the number of repetitions that all cells have, or from which to which they have."""
    return f"{span(of_cells)} {'repetition' if max(of_cells) == 1 else 'repetitions'}"


def span(numbers: Collection[int]) -> str:
    """The number that all are, or from which to which they are."""
    fewest, most = min(numbers), max(numbers)
    return str(most) if fewest == most else f"{fewest} to {most}"


def marks(rows: pd.DataFrame, archived: str = "archived") -> list[str]:
    """`ARCHIVED` for each row whose number rests on runs from the archive, else nothing.

    Parameters
    ----------
    rows : pandas.DataFrame
    archived : str, optional
        The column with the numbers of such runs; without it, no row is marked.
    """
    found = rows[archived] if archived in rows else [0] * len(rows)
    return [ARCHIVED if count else "" for count in found]


def scales(metrics: pd.Series) -> pd.Series:
    """For each metric in a column, the factor to its printed unit."""
    # An empty column would keep the type of text.
    return metrics.map(lambda metric: METRICS[metric].scale).astype(float)


def probability(p: float) -> str:
    """A p-value as it is printed."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def depths_by_network(pairs: Iterable[tuple[str, int]]) -> str:
    """From pairs of network and depth: the depth that all share, or else the depth of each."""
    networks: dict[int, list[str]] = {}
    for network, depth in dict.fromkeys(pairs):
        networks.setdefault(depth, []).append(network)
    if len(networks) == 1:
        return label("depth", next(iter(networks)))
    return listed(
        [f"{label('depth', depth)} for {listed(names)}" for depth, names in networks.items()]
    )


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence: a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
