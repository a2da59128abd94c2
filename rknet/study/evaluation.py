"""From results to a verdict for each claim, lift and part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from rknet.study.claims import Claim, Printed, Results, Runs
from rknet.study.statistics import ALPHA, COMPUTED, NOT_RUN, NotRun, Test, TooFewRuns

COLUMNS = [
    *("id", "section", "statement", "lift", "quantity", "test", "numbers"),
    *("effect", "low", "high", "n", "reach", "p_for", "p_against"),
    *("verdict", "reason", "printed", "why", "runs"),
]

#: The columns of the test behind a verdict; of a claim in parts, they are those of the part that
#: decides it.
_FOUND = ("effect", "low", "high", "n", "reach")


def evaluate(claims: Iterable[Claim], results: Results) -> pd.DataFrame:
    """Decide each claim, once for every lift that its experiment has.

    Parameters
    ----------
    claims : iterable of Claim
    results : Results

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. A claim in parts has a row for the whole, then one for each part, whose
        ``id`` is the claim's with a number: ``D2.1``. A part without any run is ``not run``, one
        whose runs are too few ``undecided``, and ``reason`` says what is missing; a claim is
        ``not run`` if all its parts are. ``effect`` to ``reach`` are those of `Test`, with the
        interval that tests at `ALPHA` see; ``printed`` says whether the paper's own numbers meet
        the reading.
    """
    printed = None
    if results.published is not None and results.publication is not None:
        printed = Printed(results.published, next(iter(results.publication.editions)))
    rows = [
        row
        for claim in claims
        for lift in claim.lifts(results)
        for row in _rows(claim, results, lift, printed)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(
    claim: Claim, results: Results, lift: str, printed: Printed | None
) -> list[dict[str, object]]:
    count = len(claim.parts)
    looked_at = [Runs(results, lift) for _ in claim.parts]
    tried = [
        (*tested(part.test, runs), runs) for part, runs in zip(claim.parts, looked_at, strict=True)
    ]
    # One part that fails refutes the whole, so each part may fail at its share of the level only.
    tests = [replace(test, p_against=min(1.0, count * test.p_against)) for test, *_ in tried]
    about = {"section": claim.section, "lift": lift}
    parts = [
        {
            **{"id": part_id(claim, number), **about, "statement": "", "quantity": part.quantity},
            **{"test": test.name, "numbers": test.numbers, **_found(test)},
            "verdict": NOT_RUN if isinstance(missing, NotRun) else test.verdict,
            "reason": str(missing) if missing else _reason(test),
            "printed": part.printed(printed) if printed and part.printed else "",
            **{"why": part.why, "runs": str(runs)},
        }
        for number, (part, test, (_, missing, runs)) in enumerate(
            zip(claim.parts, tests, tried, strict=True), start=1
        )
    ]
    if count == 1:
        return [{**parts[0], "statement": claim.statement}]
    p_for, p_against = (
        max(test.p_for for test in tests),
        min(test.p_against for test in tests),
    )
    verdict = Test("", "", p_for, p_against).verdict
    if all(part["verdict"] == NOT_RUN for part in parts):
        verdict = NOT_RUN
    decisive = _decisive(parts, tests, verdict)
    whole = {
        **{"id": claim.id, **about, "statement": claim.statement},
        **{"quantity": f"{count} parts", "test": "every part"},
        "numbers": "; ".join(f"{part['id']} {part['verdict']}" for part in parts),
        **{name: decisive[name] for name in _FOUND},
        **{"p_for": p_for, "p_against": p_against, "verdict": verdict},
        "reason": _whole_reason(parts, verdict, [missing for _, missing, _ in tried]),
        "printed": _whole_printed(parts),
        **{"why": "", "runs": str(Runs.joined(runs for *_, runs in tried))},
    }
    return [whole, *parts]


def part_id(claim: Claim, number: int) -> str:
    """The id of a part, by its number from 1: ``D2.1``, or the claim's if it is the only one."""
    return f"{claim.id}.{number}" if len(claim.parts) > 1 else claim.id


def whole_id(part: str) -> str:
    """The id of the claim that a part belongs to."""
    return part.partition(".")[0]


def tested(test: Callable[[Runs], Test], runs: Runs) -> tuple[Test, TooFewRuns | None]:
    """The outcome of a part's test, and what is missing for it if anything."""
    try:
        return test(runs), None
    except TooFewRuns as missing:
        return Test("–", "–", 1.0, 1.0), missing


def _found(test: Test) -> dict[str, object]:
    low, high = test.interval(ALPHA)
    found = {"effect": test.effect, "low": low, "high": high, "n": test.n, "reach": test.reach}
    return {**found, "p_for": test.p_for, "p_against": test.p_against}


def _decisive(parts: list[dict[str, object]], tests: list[Test], verdict: str) -> dict[str, object]:
    """The part that decides the whole: the one most against it, or else least for it."""
    if verdict == "contradicted":
        return parts[int(np.argmin([test.p_against for test in tests]))]
    return parts[int(np.argmax([test.p_for if test.n else -1 for test in tests]))]


def _reason(test: Test) -> str:
    if test.name == COMPUTED:
        return "found so" if test.verdict == "supported" else "found otherwise"
    if test.verdict == "supported":
        return f"such runs are unlikely if it is false: {_p(test.p_for)}"
    if test.verdict == "contradicted":
        return f"such runs are unlikely if it is true: {_p(test.p_against)}"
    return f"the runs do not tell: {_p(test.p_for)} if false, {_p(test.p_against)} if true"


def _p(value: float) -> str:
    return "p < 0.0001" if value < 1e-4 else f"p = {value:.2g}"


def _whole_reason(
    parts: list[dict[str, object]], verdict: str, missing: list[TooFewRuns | None]
) -> str:
    if verdict == "supported":
        return "every part is supported"
    if verdict == NOT_RUN:
        return "; ".join(dict.fromkeys(str(what) for what in missing if what))
    open_ones = (verdict, NOT_RUN) if verdict == "undecided" else (verdict,)
    # The parts by what they lack; those that lack nothing come first.
    lacking: dict[str, list[str]] = {"": []}
    for part, what in zip(parts, missing, strict=True):
        if part["verdict"] in open_ones:
            lacking.setdefault(f": {what}" if what else "", []).append(str(part["id"]))
    return "; ".join(f"in {', '.join(ids)}{why}" for why, ids in lacking.items() if ids)


def _whole_printed(parts: list[dict[str, object]]) -> str:
    missed = [str(part["id"]) for part in parts if str(part["printed"]).startswith("missed")]
    if missed:
        return f"missed in {', '.join(missed)}"
    met = sum(str(part["printed"]).startswith("met") for part in parts)
    others = "" if met == len(parts) else "; no numbers are printed for the others"
    return f"met in {met} of {len(parts)} parts{others}" if met else ""
