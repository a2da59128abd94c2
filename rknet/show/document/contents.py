"""The numbers and sentences of the document's text, from the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from rknet.cell import AXES
from rknet.show.document.sections import SECTIONS, Section
from rknet.show.labels import LIFTS, label, listed


class Inputs(NamedTuple):
    """What the document is made from.

    Attributes
    ----------
    metrics : dict of str to pandas.DataFrame
        By experiment, as `rknet.study.frames.collect` makes them.
    comparison, claims : pandas.DataFrame
        As the files of these names hold them; all columns of claims are texts.
    printed : int
        How many numbers the two editions print.
    records : sequence of mappings
        The content of ``run.json`` of all runs.
    tables : sequence of str
        Names of the tables there are.
    captions : mapping
        The captions of the figures there are, by name.
    """

    metrics: dict[str, pd.DataFrame]
    comparison: pd.DataFrame
    claims: pd.DataFrame
    printed: int
    records: Sequence[Mapping[str, Any]]
    tables: Sequence[str]
    captions: Mapping[str, str]


def present(metrics: Mapping[str, pd.DataFrame]) -> list[Section]:
    """The sections that have experiments, with those; last, what is not the paper's."""
    known = {name for section in SECTIONS for name in section.experiments}
    further = tuple(name for name in metrics if name not in known)
    last = Section("", "Further experiments", "These are not the paper's.", further)
    found = [
        replace(section, experiments=tuple(name for name in section.experiments if name in metrics))
        for section in (*SECTIONS, last)
    ]
    return [section for section in found if section.experiments]


def together(metrics: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row a run of all experiments, each once."""
    return pd.concat(metrics.values()).drop_duplicates([*AXES, "seed"])


def ended(metrics: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """How many runs there are, and how many ended in which way."""
    runs = together(metrics)
    counts = {status: _count(runs["status"], status) for status in _STATUSES}
    return {"all": len(runs), **counts}


_STATUSES = ("completed", "stopped", "diverged")


def networks(metrics: Mapping[str, pd.DataFrame]) -> list[str]:
    """The networks that were run, the paper's first."""
    names = together(metrics)["network"].unique()
    return sorted(names, key=lambda name: (*(name != other for other in _PAPERS), name))


_PAPERS = ("StandardNet", "EulerNet", "RK4Net")


def size(metrics: pd.DataFrame) -> dict[str, int]:
    """How many cells an experiment has, and how many repetitions of each."""
    cells = metrics.drop_duplicates(list(AXES))
    return {"cells": len(cells), "repetitions": metrics["seed"].nunique()}


def overview(metrics: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """What each experiment has, for a table."""
    return [
        {
            "name": name,
            "datasets": ", ".join(label("dataset", value) for value in frame["dataset"].unique()),
            "networks": ", ".join(frame["network"].unique()),
            **size(frame),
        }
        for name, frame in metrics.items()
    ]


def compared(inputs: Inputs) -> dict[str, Any]:
    """How many printed numbers are compared, and how many are consistent with each lift."""
    rows = inputs.comparison
    lifts = [lift for lift in LIFTS if lift in set(rows["lift"])]
    return {
        "numbers": len(rows.drop(columns="lift").drop_duplicates(_NUMBER)),
        "printed": inputs.printed,
        "consistent": [
            {
                "lift": LIFTS[lift].partition(",")[0],
                "consistent": _count(rows["verdict"][rows["lift"] == lift], "consistent"),
                "of": _count(rows["lift"], lift),
            }
            for lift in lifts
        ],
    }


#: What tells one printed number from another.
_NUMBER = ["edition", "table", "dataset", "network", "width", "depth", "activation", "split",
           "metric", "stat"]  # fmt: skip


def verdicts(claims: pd.DataFrame, section: str | None = None) -> dict[str, Any]:
    """How many statements are tested, of a section or all, and with which verdicts.

    A statement is tested once for every lift; its parts are not counted.
    """
    wholes = claims[~claims["id"].str.contains(".", regex=False)]
    if section is not None:
        wholes = wholes[wholes["section"] == section]
    counts = {verdict: _count(wholes["verdict"], verdict) for verdict in _VERDICTS}
    return {
        # An id that ends in d asks the same of the bundled digits.
        "statements": wholes["id"].str.removesuffix("d").nunique(),
        "counted": listed([f"{count} {verdict}" for verdict, count in counts.items() if count]),
    }


_VERDICTS = ("supported", "contradicted", "undecided")


def ranges(metrics: pd.DataFrame) -> str:
    """The lowest and highest mean validation accuracy of each network, and where they are.

    Parameters
    ----------
    metrics : pandas.DataFrame
        Of an experiment, as `rknet.study.frames.collect` makes it.

    Returns
    -------
    str
        Such as ``StandardNet from 49.17 % (L = 40) to 98.42 % (L = 3)``; empty if no run has an
        accuracy, as all diverged.
    """
    which = (metrics["split"] == "validation") & (metrics["metric"] == "accuracy_percent")
    axes = _telling(metrics)
    means = metrics[which].groupby(["network", *axes], sort=False)["value"].mean().dropna()
    parts = []
    for network, of_network in means.reset_index().groupby("network", sort=False):
        ordered = of_network.sort_values("value", kind="stable")
        low, high = (_place(row, axes) for row in ordered.iloc[[0, -1]].to_dict("records"))
        parts.append(f"{network} {low}" if len(ordered) == 1 else f"{network} from {low} to {high}")
    return listed(parts)


def _telling(metrics: pd.DataFrame) -> list[str]:
    """The fewest axes, beside the network, that tell an experiment's cells apart."""
    cells = metrics[list(AXES)].drop_duplicates()
    axes = [axis for axis in AXES if axis != "network" and cells[axis].nunique() > 1]
    for axis in reversed(axes):
        # A depth that goes with the network, or a rate that goes with the optimiser, tells nothing.
        fewer = [other for other in axes if other != axis]
        if not cells.duplicated(["network", *fewer]).any():
            axes = fewer
    return axes


def _place(row: Mapping[str, Any], axes: Sequence[str]) -> str:
    where = ", ".join(_LABELS.get(axis, _labelled)(axis, row[axis]) for axis in axes)
    return f"{row['value']:.2f} %" + (f" ({where})" if where else "")


def _labelled(axis: str, value: object) -> str:
    return f"{axis} {value}".replace("_", " ")


_LABELS = {
    "dataset": label,
    "depth": label,
    "activation": label,
    "width": lambda _, value: f"d̂ = {value}",
    "lift": lambda _, value: LIFTS[value].partition(",")[0].removeprefix("frozen "),
}


def provenance(records: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """What made the runs: a kind of thing, what it was, and for how many runs."""
    found: dict[str, Counter[str]] = {}
    for record in records:
        commit = record["commit"] or "not from a git checkout"
        things = {
            **record["versions"],
            "commit": commit + (" with changes" if record["dirty"] else ""),
            **{part: record["hardware"][part] for part in ("system", "processor", "cores")},
        }
        for kind, what in things.items():
            found.setdefault(kind, Counter())[str(what)] += 1
    return [(kind, what, count) for kind in found for what, count in found[kind].most_common()]


def _count(values: pd.Series, value: str) -> int:
    return int((values == value).sum())
