"""Names for people: of axes' values and lifts, in tables, figures and captions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from rknet.study.metrics import METRICS

#: What each lift is called, in the order in which they are shown.
LIFTS = {"random": "frozen random lift", "zeros": "padding by zeros"}
_IMAGES = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
_STATISTICS = {"mean": "mean", "std": "standard deviation"}


def label(axis: str, value: object) -> str:
    """A value of an axis, as people write it."""
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
    """What a lift is called, with what a paper adds to it."""
    return ", ".join(filter(None, (LIFTS[lift], words.get(lift, ""))))


def lift_in_short(lift: str) -> str:
    """What a lift is called where there is little room."""
    return LIFTS[lift].removeprefix("frozen ")


def lift_in_a_sentence(lift: str) -> str:
    """What a lift is called within a sentence."""
    return ("a " if lift == "random" else "") + LIFTS[lift]


def scales(metrics: pd.Series) -> pd.Series:
    """The factor of each metric in a column to the unit that it is printed in."""
    # A column that is empty would stay one of text.
    return metrics.map(lambda metric: METRICS[metric].scale).astype(float)


def probability(p: float) -> str:
    """A p-value as it is printed."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def depths_by_network(pairs: Iterable[tuple[str, int]]) -> str:
    """The one depth of all networks, or else that of each, from pairs of network and depth."""
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
