"""Computes, from the results, the numbers and sentences in the document's text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from rknet.cell import AXES
from rknet.networks.base import BUILT_IN
from rknet.show.document.sections import Section
from rknet.show.figures.figure import Figure
from rknet.show.labels import LIFTS, label, lift_in_short, listed, span
from rknet.show.tables.table import Table
from rknet.study.claims import count_claims
from rknet.study.frames import seeds_of_cells
from rknet.study.publication import Publication


class Inputs(NamedTuple):
    """All inputs of the document.

    Attributes
    ----------
    metrics : dict of str to pandas.DataFrame
        By experiment, as `rknet.study.frames.collect` makes them.
    comparison, claims : pandas.DataFrame
        As the files of these names hold them; all columns of claims are texts.
    printed, editions : int
        How many numbers the paper prints, and in how many editions.
    records : sequence of mappings
        The content of every run's ``run.json``.
    about : mapping
        As `rknet.show.paper.Paper` has it.
    publication : Publication
    sections : sequence of Section
        The paper's.
    tables, figures : mapping
        The ones that were made, by name.
    captions : mapping
        The captions of the figures, by name.
    """

    metrics: dict[str, pd.DataFrame]
    comparison: pd.DataFrame
    claims: pd.DataFrame
    printed: int
    editions: int
    records: Sequence[Mapping[str, Any]]
    about: Mapping[str, str]
    publication: Publication
    sections: Sequence[Section]
    tables: Mapping[str, Table]
    figures: Mapping[str, Figure]
    captions: Mapping[str, str]


def present(metrics: Mapping[str, pd.DataFrame], sections: Sequence[Section]) -> list[Section]:
    """The sections, each with the experiments that were run; experiments of the user come last.

    A section is left out if none of its experiments was run.
    """
    known = {name for section in sections for name in section.experiments}
    further = tuple(name for name in metrics if name not in known)
    last = Section("", "Further experiments", "These are not in the paper.", further)
    found = []
    for section in (*sections, *([last] if further else [])):
        run = tuple(name for name in section.experiments if name in metrics)
        if run or not section.experiments:
            found.append(replace(section, experiments=run))
    return found


def together(metrics: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows of all experiments, each run once."""
    return pd.concat(metrics.values()).drop_duplicates([*AXES, "seed"])


def ended(metrics: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """The number of runs, and how many ended in each way."""
    runs = together(metrics)
    counts = {status: _count(runs["status"], status) for status in _STATUSES}
    return {"all": len(runs), **counts}


_STATUSES = ("completed", "stopped", "diverged")


def networks(metrics: Mapping[str, pd.DataFrame]) -> list[str]:
    """The networks that were run: the paper's in its order, then the others by name."""
    names = together(metrics)["network"].unique()
    order = tuple(BUILT_IN)
    return sorted(
        names, key=lambda name: (order.index(name) if name in order else len(order), name)
    )


def size(metrics: pd.DataFrame) -> dict[str, str]:
    """The number of an experiment's cells, and of the repetitions of each, in words."""
    of_cells = seeds_of_cells(metrics)
    return {"cells": str(len(of_cells)), "repetitions": span(of_cells)}


def overview(metrics: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """The rows of a table of all experiments."""
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
                "lift": LIFTS[lift],
                "consistent": _count(rows["verdict"][rows["lift"] == lift], "consistent"),
                "of": _count(rows["lift"], lift),
            }
            for lift in lifts
        ],
    }


#: The columns that together identify a printed number.
_NUMBER = ["edition", "table", "dataset", "network", "width", "depth", "activation", "split",
           "metric", "stat"]  # fmt: skip


def verdicts(inputs: Inputs, section: str | None = None) -> dict[str, Any]:
    """How many claims of a section, or of all, are tested, and with which verdicts.

    A claim is tested once for each lift; its parts are not counted.
    """
    claims = inputs.claims
    if section is not None:
        claims = claims[claims["section"] == section]
    stated, by_lift = count_claims(claims, inputs.publication.asked_again)
    counts = by_lift.sum()
    return {
        "claims": stated,
        "counted": listed([f"{count} {verdict}" for verdict, count in counts.items() if count]),
    }


def ranges(metrics: pd.DataFrame) -> str:
    """The lowest and highest mean validation accuracy of each network, and where they occur.

    Parameters
    ----------
    metrics : pandas.DataFrame
        The metrics of an experiment, as `rknet.study.frames.collect` returns them.

    Returns
    -------
    str
        For example ``StandardNet from 49.17 % (L = 40) to 98.42 % (L = 3)``; empty if all runs
        diverged, so that there is no accuracy.
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
    """The fewest axes that, together with the network, tell an experiment's cells apart."""
    cells = metrics[list(AXES)].drop_duplicates()
    axes = [axis for axis in AXES if axis != "network" and cells[axis].nunique() > 1]
    for axis in reversed(axes):
        # If each network has its own depth, or each optimiser its own rate, that axis adds nothing.
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
    "lift": lambda _, value: lift_in_short(value),
}


def origins(records: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """How the runs were made: a property, its value, and the number of runs that have it."""
    found: dict[str, Counter[str]] = {}
    for record in records:
        commit = record["commit"] or "not from a git checkout"
        things = {
            **record["versions"],
            "commit": commit + (" with changes" if record["dirty"] else ""),
            **{part: record["hardware"][part] for part in ("system", "processor", "cores")},
        }
        for name, what in things.items():
            found.setdefault(name, Counter())[str(what)] += 1
    return [(name, what, count) for name in found for what, count in found[name].most_common()]


def _count(values: pd.Series, value: str) -> int:
    return int((values == value).sum())
