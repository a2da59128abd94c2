"""Readings: what a paper's sentences are taken to mean, as data that was written before the runs.

A file has a section of the paper, the day of the readings, and the claims. A part of a claim names
a measure, the range that its values must lie in, and how runs are tested for it::

    section: "4.1"
    dated: 2026-11-29
    claims:
      - id: W1
        statement: On donut_2d, a width of 3 is better than 2.
        experiment: width
        parts:
          - quantity: validation accuracy (%), width 3 less width 2
            measure: wider_is_better
            with: {dataset: donut_2d}
            at_least: 1.0
            why: less than a point is no significant improvement

``for`` makes a part of each combination of values, ``cells`` one part that holds if it does for
each. The values go to the measure, and into the words; under ``cell`` are several that belong
together. A claim is true if more than the share ``least`` of repetitions, one half, is as it says.
``why`` says why it is read so, and ``was`` keeps the earlier readings. ``also`` lists other bounds
that one might choose; those of comparisons are halved and doubled anyway.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rknet.study.claims import Claim, Part, Runs
from rknet.study.statistics import Range, Test, TooFewRuns, every, share
from rknet.study.yaml_files import YamlError, read_yaml

#: Of runs and what it is about, a value a repetition; or of what needs no runs, a test.
Measure = Callable[..., "pd.Series | Test"]

_FILE = {"section", "dated", "claims"}
_CLAIM = {"id", "statement", "experiment", "parts", "with"}
_BOUNDS = {"at_least", "at_most", "within"}
_PART = {
    *("quantity", "measure", "with", "for", "cells", "least", "why", "was", "also"),
    *_BOUNDS,
}
_WAS = {"until", "reading", "because"}


class ReadingError(ValueError):
    """A reading is not one; the message names the file, the part and the key."""


def read_claims(file: str | Path, measures: Mapping[str, Measure]) -> tuple[Claim, ...]:
    """Read a file of readings as claims that can be tested.

    Parameters
    ----------
    file : str or Path
    measures : mapping
        By name, each a function of `Runs` and of what it is about.

    Raises
    ------
    ReadingError
        If a key is unknown or missing, or a value makes no sense.
    """
    try:
        found = read_yaml(file)
    except (OSError, YamlError) as error:
        raise ReadingError(f"{file}: {error}") from error
    _check(found, _FILE, _FILE, str(file))
    if not isinstance(found["dated"], datetime.date):
        raise ReadingError(f"{file}: dated is {found['dated']!r}; write a day, like 2026-11-29")
    return tuple(_claim(entry, found["section"], measures, str(file)) for entry in found["claims"])


def _claim(entry: Any, section: str, measures: Mapping[str, Measure], file: str) -> Claim:
    _check(entry, _CLAIM, {"id", "statement", "experiment", "parts"}, file)
    where = f"{file}: {entry['id']}"
    given = {"experiment": entry["experiment"], **entry.get("with", {})}
    parts = [part for written in entry["parts"] for part in _parts(written, given, measures, where)]
    return Claim(entry["id"], section, entry["statement"], entry["experiment"], tuple(parts))


def _parts(
    entry: Any, given: Mapping[str, Any], measures: Mapping[str, Measure], where: str
) -> Iterator[Part]:
    _check(entry, _PART, {"quantity", "measure", "why"}, where)
    if entry["measure"] not in measures:
        raise ReadingError(
            f"{where}: there is no measure {entry['measure']!r}; there are {', '.join(measures)}"
        )
    for was in entry.get("was", ()):
        _check(was, _WAS, _WAS, f"{where}: was")
    wanted = _range(entry, where)
    least = entry.get("least", 0.5)
    for chosen in _combinations(entry.get("for", {})):
        about = {**given, **entry.get("with", {}), **chosen}
        # Values that belong together, such as an optimiser and its rate.
        about |= about.pop("cell", {})
        cells = {
            _label(cell): partial(measures[entry["measure"]], **about, **cell)
            for cell in _combinations(entry.get("cells", {}))
        }
        quantity = entry["quantity"].format_map(about)
        if len(cells) > 1:
            quantity += f", in each of {'; '.join(cells)}"
        if wanted is not None:
            quantity += f"; {wanted}"
        yield Part(
            quantity,
            partial(_tested, cells, wanted, least),
            partial(_printed, cells, wanted),
            entry["why"].format_map(about),
            dict(_variants(entry, cells, wanted, least, measures, where)),
        )


def _variants(
    entry: Mapping[str, Any],
    cells: Mapping[str, Callable[[Runs], pd.Series | Test]],
    wanted: Range | None,
    least: float,
    measures: Mapping[str, Measure],
    where: str,
) -> Iterator[tuple[str, Callable[[Runs], Test]]]:
    """Tests of other readings: other bounds and shares, and cells taken together."""
    if wanted is None:
        return
    bounds = []
    if getattr(measures[entry["measure"]], "compares", False):
        bounds = [wanted.scaled(0.5), wanted.scaled(2.0)]
    for other in entry.get("also", ()):
        _check(other, _BOUNDS, set(), f"{where}: also")
        bound = _range(other, f"{where}: also")
        if bound is None:
            raise ReadingError(f"{where}: also: a bound is missing: at_least, at_most or within")
        bounds.append(bound)
    for bound in bounds:
        # What is neither, as of a range on one side of 0, is another sentence.
        for name, narrow, wide in (("stricter", bound, wanted), ("laxer", wanted, bound)):
            if narrow != wide and narrow.is_within(wide):
                yield f"{name} bound", partial(_tested, cells, bound, least)
    for share_ in (0.5, 2 / 3, 0.9):
        if share_ != least:
            yield f"more than {share_:.0%}", partial(_tested, cells, wanted, share_)
    if len(cells) > 1:
        yield "cells averaged", partial(_averaged, cells, wanted, least)


def _averaged(
    cells: Mapping[str, Callable[[Runs], pd.Series | Test]],
    wanted: Range,
    least: float,
    runs: Runs,
) -> Test:
    """The test of the mean over cells of each repetition, in place of every cell."""
    values = pd.DataFrame({label: runs.measured(measure) for label, measure in cells.items()})
    return share(values.dropna().mean(axis=1), wanted, least)


def _range(entry: Mapping[str, Any], where: str) -> Range | None:
    given = sorted(_BOUNDS & set(entry))
    if len(given) > 1:
        raise ReadingError(f"{where}: {' and '.join(given)} exclude one another")
    if not given:
        return None
    value = entry[given[0]]
    if given == ["within"]:
        low, high = value
        return Range(float(low), float(high))
    return Range(low=float(value)) if given == ["at_least"] else Range(high=float(value))


def _tested(
    cells: Mapping[str, Callable[[Runs], pd.Series | Test]],
    wanted: Range | None,
    least: float,
    runs: Runs,
) -> Test:
    found: dict[str, Test] = {}
    for label, measure in cells.items():
        value = runs.measured(measure)
        if isinstance(value, Test):
            found[label] = value
        elif wanted is None:
            raise TypeError("values of runs need a range: at_least, at_most or within")
        else:
            found[label] = share(value.dropna(), wanted, least)
    return every(found)


def _printed(
    cells: Mapping[str, Callable[[Runs], pd.Series | Test]], wanted: Range | None, printed: Runs
) -> str:
    """Whether printed means meet the reading; empty if they do not suffice."""
    try:
        values = {label: measure(printed) for label, measure in cells.items()}
    except TooFewRuns:
        return ""
    if wanted is None or not all(isinstance(value, pd.Series) for value in values.values()):
        return ""
    numbers = {label: float(value.iloc[0]) for label, value in values.items() if len(value)}
    # Differences of printed decimals leave 1e-14 where they meet a margin.
    rounded = pd.Series(numbers).round(9)
    missed = rounded[~wanted.holds(rounded)]
    if missed.empty:
        shown = [f"{rounded.min():.4g}", f"{rounded.max():.4g}"]
        return f"met: {' to '.join(dict.fromkeys(shown))}"
    return "missed: " + "; ".join(
        f"{label}: {value:.4g}" if label else f"{value:.4g}" for label, value in missed.items()
    )


def _combinations(axes: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def _label(cell: Mapping[str, Any]) -> str:
    return ", ".join(f"L = {value}" if axis == "depth" else str(value)
                     for axis, value in cell.items())  # fmt: skip


def _check(entry: Any, known: set[str], needed: set[str], where: str) -> None:
    if not isinstance(entry, dict):
        raise ReadingError(f"{where}: a mapping was expected, and there is {entry!r}")
    for key in entry:
        if key not in known:
            raise ReadingError(
                f"{where}: unknown key {key!r}; there are {', '.join(sorted(known))}"
            )
    for key in sorted(needed):
        if key not in entry:
            raise ReadingError(f"{where}: the key {key!r} is missing")
