"""The claims of Section 3, on the discretisation: computed, so no run is needed."""

from __future__ import annotations

from rknet.study.claims import Claim, Part, Runs
from rknet.study.statistics import Test, TooFewRuns, computed


def _agrees(check: str) -> Part:
    """All schemes pass a check, and the wrong coefficients of its controls do not."""

    def test(runs: Runs) -> Test:
        if runs.results.checks is None:
            raise TooFewRuns("the schemes have not been checked")
        rows = runs.results.checks
        rows = rows[(rows["check"] == check) & (rows["outcome"] != "not applicable")]
        checks, controls = (rows[rows["role"] == role] for role in ("check", "control"))
        if checks.empty:
            raise TooFewRuns(f"no scheme has been checked for {check}")
        differences = checks["relative_difference"]
        numbers = f"relative difference at most {differences.max():.1e} over {len(checks)} schemes"
        if len(controls):
            if (controls["outcome"] == "agrees").any():
                raise TooFewRuns("wrong coefficients agree too: the check cannot tell")
            least = controls["relative_difference"].min()
            numbers += f"; with A in place of Ã at least {least:.1e}"
        return computed(bool((checks["outcome"] == "agrees").all()), numbers)

    quantities = {
        "commutation": "gradient by (3.24)–(3.26) with (3.23), against automatic differentiation "
        "of the discrete problem",
        "training": "the same in ξ_i = h β_i p_i, which also takes zero weights, as training "
        "computes it",
        "invariant": "p·δy at every layer against the last",
    }
    return Part(f"{quantities[check]}; at most 1e-12", test)


SCHEME = (
    Claim(
        "S1",
        "3",
        "Discretising and optimising commute: the gradient of the discrete problem is what the "
        "partitioned Runge–Kutta method (3.24)–(3.26) with (3.23) gives.",
        "",
        (_agrees("commutation"), _agrees("training")),
    ),
    Claim(
        "S2",
        "3",
        "The forward and adjoint schemes together are symplectic: p·δy of the linearised flow is "
        "the same at every layer.",
        "",
        (_agrees("invariant"),),
    ),
)
