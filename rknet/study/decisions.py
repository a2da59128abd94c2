"""Decisions on claims, from looks at more and more repetitions of just what needs them.

A look tests the parts of claims that are still open on the seeds so far, and keeps what it found;
so a finished verdict never reopens. `rknet.study.sequential.decide` says which parts are then open,
and the cells that these rest on get more seeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from rknet.cell import Cell
from rknet.study.claims import Claim, Results, Runs
from rknet.study.evaluation import part_id, tested, whole_id
from rknet.study.sequential import GO_ON, LOOKS, Decision, Look, decide, nominal_levels
from rknet.study.statistics import NOT_RUN, NotRun

#: What a look finds of a part; the interval is that of its tests at the look's level.
FOUND = ("test", "numbers", "effect", "low", "high", "n", "p_for", "p_against")
#: The columns of a history of looks.
COLUMNS = ("id", "lift", "variant", "quantity", "repetitions", *FOUND)
#: What is said of an open part once another part has refuted the claim.
NOT_NEEDED = "not needed"
#: The variant that is none.
AS_READ = "as read"
#: The columns that tell a part of a claim, under a lift, from another.
_PART = ["id", "lift"]


def look(
    claims: Iterable[Claim],
    results: Results,
    repetitions: int,
    before: pd.DataFrame | None = None,
    looks: Sequence[int] = LOOKS,
) -> tuple[pd.DataFrame, dict[str, list[Cell]]]:
    """Test every open part of the claims.

    Parameters
    ----------
    claims : iterable of Claim
    results : Results
        Of the seeds below `repetitions`; later looks need only what open parts rest on.
    repetitions : int
        One of the `looks`.
    before : pandas.DataFrame, optional
        The history up to the look before; none at the first.
    looks : sequence of int, optional
        All that are planned.

    Returns
    -------
    history : pandas.DataFrame
        Columns `COLUMNS`: a row for each look at a part under a lift, and for each ``variant`` of
        its reading; only what is ``as read`` decides. What cannot be tested has no p-values, and
        its ``numbers`` say why.
    cells : dict of list of Cell
        By experiment, what the parts rest on that are open after this look.
    """
    level = nominal_levels(tuple(looks))[list(looks).index(repetitions)]
    still = None if before is None else open_parts(before, looks)
    rows, cells = [], {}
    for claim, lift in _under_lifts(claims, results, still):
        for number, part in enumerate(claim.parts, start=1):
            key = part_id(claim, number), lift
            if still is not None and key not in still:
                continue
            runs = Runs(results, lift)
            for variant, test_of in {AS_READ: part.test, **part.variants}.items():
                test, missing = tested(test_of, runs)
                low, high = test.interval(level)
                # One part that fails refutes the whole: each may fail at its share of the level.
                p_values = test.p_for, min(1.0, len(claim.parts) * test.p_against)
                if isinstance(missing, NotRun):
                    p_values = np.nan, np.nan
                numbers = str(missing) if missing else test.numbers
                found = (test.name, numbers, test.effect, low, high, test.n, *p_values)
                rows.append((*key, variant, part.quantity, repetitions, *found))
            cells[key] = runs.cells
    made = pd.DataFrame(rows, columns=COLUMNS)
    history = made if before is None else pd.concat([before, made], ignore_index=True)
    needed: dict[str, dict[Cell, None]] = {}
    for key in open_parts(history, looks):
        for experiment, of_it in cells[key].items():
            needed.setdefault(experiment, {}).update(dict.fromkeys(of_it))
    return history, {experiment: list(of_it) for experiment, of_it in needed.items()}


def decisions(history: pd.DataFrame, looks: Sequence[int] = LOOKS) -> pd.DataFrame:
    """What the looks so far say of every part of the claims.

    Parameters
    ----------
    history : pandas.DataFrame
        As `look` returns it.
    looks : sequence of int, optional
        All that are planned.

    Returns
    -------
    pandas.DataFrame
        A row for each part under a lift: ``id``, ``lift``, ``verdict``, ``repetitions``, ``level``
        and ``power`` as in `rknet.study.sequential.Decision`, ``quantity``, and `FOUND` by that
        look.
    """
    rows = []
    for (name, lift), of_part in as_read(history).groupby(_PART, sort=False):
        found = _decision(of_part, looks)
        at = of_part[of_part["repetitions"] == found.repetitions].iloc[0]
        rows.append(
            {"id": name, "lift": lift, "verdict": found.verdict, "repetitions": found.repetitions}
            | {"level": found.level, "power": found.power}
            | {column: at[column] for column in ("quantity", *FOUND)}
        )
    found = pd.DataFrame(rows)
    claims = [found["id"].map(whole_id), found["lift"]]
    refuted = (found["verdict"] == "contradicted").groupby(claims).transform("any")
    found.loc[refuted & (found["verdict"] == GO_ON), "verdict"] = NOT_NEEDED
    return found


def as_read(history: pd.DataFrame) -> pd.DataFrame:
    """The rows of the readings themselves, without their variants."""
    return history[history["variant"] == AS_READ]


def sensitivity(history: pd.DataFrame, looks: Sequence[int] = LOOKS) -> pd.DataFrame:
    """What becomes of each claim's verdict if one choice in its readings is made otherwise.

    Every part is judged at the look that finished it, at that look's level; a part that has no such
    variant, as it is read.

    Parameters
    ----------
    history : pandas.DataFrame
        As `look` returns it.
    looks : sequence of int, optional
        All that are planned.

    Returns
    -------
    pandas.DataFrame
        A row for each claim under a lift: ``id``, ``lift``, ``as read``, and a column for each
        variant that any claim has; empty where the claim has not.
    """
    parts = decisions(history, looks)
    at = parts[[*_PART, "repetitions", "level"]]
    found = history.merge(at, on=[*_PART, "repetitions"])
    found["verdict"] = "open"
    found.loc[found["p_for"] <= found["level"], "verdict"] = "supported"
    found.loc[found["p_against"] <= found["level"], "verdict"] = "contradicted"
    found["verdict"] = found["verdict"].mask(found["p_for"].isna(), NOT_RUN)
    by_variant = found.pivot_table("verdict", _PART, "variant", "first", sort=False)
    filled = by_variant.apply(lambda column: column.fillna(by_variant[AS_READ]))
    claims = [by_variant.index.get_level_values("id").map(whole_id).rename("id"),
              by_variant.index.get_level_values("lift")]  # fmt: skip
    shown = filled.groupby(claims, sort=False).agg(_together)
    shown = shown.where(by_variant.notna().groupby(claims, sort=False).any())
    shown = shown.loc[whole_decisions(parts).set_index(_PART).index]
    return shown.rename_axis(columns=None).reset_index()


def whole_decisions(parts: pd.DataFrame) -> pd.DataFrame:
    """What the looks so far say of whole claims.

    A claim is contradicted if a part is, and supported if all parts are. Each part keeps the level
    of all looks together for itself, and so does the claim: all parts are supported only if a false
    one is. A claim is open as long as it can be decided.

    Parameters
    ----------
    parts : pandas.DataFrame
        As `decisions` returns it.

    Returns
    -------
    pandas.DataFrame
        A row for each claim under a lift: ``id``, ``lift``, ``verdict``, ``repetitions`` (of the
        look that decided, or the latest), and ``parts``, how many are of each verdict.
    """
    rows = []
    wholes = parts["id"].map(whole_id)
    for (name, lift), of_claim in parts.groupby([wholes, "lift"], sort=False):
        verdict, looked_at = _together(of_claim["verdict"]), of_claim["repetitions"]
        # The first part that fails refutes the claim; anything else takes all parts.
        refuting = looked_at[of_claim["verdict"] == "contradicted"]
        counts = of_claim["verdict"].value_counts(sort=False)
        rows.append(
            {"id": name, "lift": lift, "verdict": verdict}
            | {"repetitions": int(looked_at.max() if refuting.empty else refuting.min())}
            | {"parts": ", ".join(f"{count} {kind}" for kind, count in counts.items())}
        )
    return pd.DataFrame(rows)


def open_parts(history: pd.DataFrame, looks: Sequence[int] = LOOKS) -> dict[tuple[str, str], None]:
    """The ids and lifts of the parts that need a further look, in order."""
    parts = decisions(history, looks)
    needing = parts[parts["verdict"] == GO_ON]
    return dict.fromkeys(needing[_PART].itertuples(index=False, name=None))


def _under_lifts(
    claims: Iterable[Claim], results: Results, still: dict[tuple[str, str], None] | None
) -> Iterable[tuple[Claim, str]]:
    """Every claim with each of its lifts; after the first look, with those that are open."""
    for claim in claims:
        if still is None:
            yield from ((claim, lift) for lift in claim.lifts(results))
        else:
            lifts = dict.fromkeys(lift for name, lift in still if whole_id(name) == claim.id)
            yield from ((claim, lift) for lift in lifts)


def _decision(of_part: pd.DataFrame, looks: Sequence[int]) -> Decision:
    first = of_part.iloc[0]
    if np.isnan(first["p_for"]):
        return Decision(NOT_RUN, int(first["repetitions"]), np.nan, 0.0)
    columns = of_part[["repetitions", "p_for", "p_against"]]
    return decide([Look(*row) for row in columns.itertuples(index=False)], tuple(looks))


def _together(verdicts: pd.Series) -> str:
    """The verdict on a claim, from those on its parts."""
    found = set(verdicts)
    if len(found) == 1:
        return str(verdicts.iloc[0])
    for verdict in ("contradicted", GO_ON, "futile", "open"):
        if verdict in found:
            return verdict
    return "undecided"


def progress(history: str | Path, looks: Sequence[int] = LOOKS) -> tuple[int, int]:
    """How many verdicts on claims need no further look, and how many there are; from a file."""
    wholes = whole_decisions(decisions(pd.read_csv(history), looks))
    return int((wholes["verdict"] != GO_ON).sum()), len(wholes)
