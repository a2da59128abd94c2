"""The toy paper's claim."""

from rknet.study.claims import Claim, Part, Runs
from rknet.study.statistics import Range, Test, share

from .bound import BOUND


def _learns(runs: Runs) -> Test:
    return share(runs.last("steps", depth=2), Range(low=BOUND))


CLAIMS = (
    Claim(
        "N1",
        "1",
        "Two layers learn something.",
        "steps",
        (Part(f"validation accuracy (%), above {BOUND:g}", _learns),),
    ),
)
