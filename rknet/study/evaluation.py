"""From results to a verdict for each claim, lift and part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from rknet.study.claims import Claim, Part, Results, Runs
from rknet.study.statistics import COMPUTED, Test, TooFewRuns

COLUMNS = [
    *("id", "section", "statement", "lift", "quantity", "test", "numbers"),
    *("verdict", "reason", "runs"),
]


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
        ``id`` is the claim's with a number: ``D2.1``. A claim whose runs are missing or too few
        is ``undecided``, and ``reason`` says what is missing.
    """
    rows = [
        row
        for claim in claims
        for lift in claim.lifts(results)
        for row in _rows(claim, results, lift)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(claim: Claim, results: Results, lift: str) -> list[dict[str, str]]:
    count = len(claim.parts)
    tried = [_try(part, results, lift) for part in claim.parts]
    # One part that fails refutes the whole, so each part may fail at its share of the level only.
    tests = [replace(test, p_against=min(1.0, count * test.p_against)) for test, *_ in tried]
    about = {"section": claim.section, "lift": lift}
    parts = [
        {
            **{"id": f"{claim.id}.{number}", **about, "statement": "", "quantity": part.quantity},
            **{"test": test.name, "numbers": test.numbers, "verdict": test.verdict},
            **{"reason": missing or _reason(test), "runs": str(runs)},
        }
        for number, (part, test, (_, missing, runs)) in enumerate(
            zip(claim.parts, tests, tried, strict=True), start=1
        )
    ]
    if count == 1:
        return [{**parts[0], "id": claim.id, "statement": claim.statement}]
    verdict = Test("", "", *_together(tests)).verdict
    whole = {
        **{"id": claim.id, **about, "statement": claim.statement},
        **{"quantity": f"{count} parts", "test": "every part"},
        "numbers": "; ".join(f"{part['id']} {part['verdict']}" for part in parts),
        **{"verdict": verdict, "reason": _whole_reason(parts, verdict, [m for _, m, _ in tried])},
        "runs": str(Runs.joined(runs for *_, runs in tried)),
    }
    return [whole, *parts]


def _try(part: Part, results: Results, lift: str) -> tuple[Test, str, Runs]:
    """A part's test, what is missing for it if anything, and the runs looked at."""
    runs = Runs(results, lift)
    try:
        return part.test(runs), "", runs
    except TooFewRuns as missing:
        return Test("–", "–", 1.0, 1.0), str(missing), runs


def _together(tests: list[Test]) -> tuple[float, float]:
    return max(test.p_for for test in tests), min(test.p_against for test in tests)


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


def _whole_reason(parts: list[dict[str, str]], verdict: str, missing: list[str]) -> str:
    if verdict == "supported":
        return "every part is supported"
    where = "in " + ", ".join(part["id"] for part in parts if part["verdict"] == verdict)
    lacking = "; ".join(dict.fromkeys(filter(None, missing)))
    return f"{where}: {lacking}" if lacking and verdict == "undecided" else where
