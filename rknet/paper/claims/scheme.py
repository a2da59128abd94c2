"""The measure of the claims of Section 3, on the discretisation: computed, so no run is needed."""

from __future__ import annotations

from rknet.study.claims import Runs
from rknet.study.statistics import NotRun, Test, TooFewRuns, computed


def agrees(runs: Runs, check: str, **_: object) -> Test:
    """Whether all schemes pass a check, and the wrong coefficients of its controls do not."""
    if runs.results.checks is None:
        raise NotRun("the schemes have not been checked")
    rows = runs.results.checks
    rows = rows[(rows["check"] == check) & (rows["outcome"] != "not applicable")]
    checks, controls = (rows[rows["role"] == role] for role in ("check", "control"))
    if checks.empty:
        raise NotRun(f"no scheme has been checked for {check}")
    differences = checks["relative_difference"]
    numbers = f"relative difference at most {differences.max():.1e} over {len(checks)} schemes"
    if len(controls):
        if (controls["outcome"] == "agrees").any():
            raise TooFewRuns("wrong coefficients agree too: the check cannot tell")
        least = controls["relative_difference"].min()
        numbers += f"; with A in place of Ã at least {least:.1e}"
    return computed(bool((checks["outcome"] == "agrees").all()), numbers)
