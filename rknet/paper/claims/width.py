"""The claims of Section 4.1, on width."""

from __future__ import annotations

from rknet.study.claims import Claim, Part, Runs, pairs
from rknet.study.statistics import Test, mean_above


def _wider_is_better(dataset: str) -> Part:
    def test(runs: Runs) -> Test:
        narrow, wide = (
            runs.last("width", dataset=dataset, network="RK4Net", width=width, depth=100)
            for width in (2, 3)
        )
        return mean_above(pairs(wide, narrow))

    return Part("validation accuracy (%), width 3 less width 2", test)


WIDTH = (
    Claim(
        "W1",
        "4.1",
        "On donut_2d, RK4Net of width 3 reaches a higher validation accuracy than of width 2.",
        "width",
        (_wider_is_better("donut_2d"),),
    ),
    Claim(
        "W2",
        "4.1",
        "On squares, RK4Net of width 3 reaches a higher validation accuracy than of width 2.",
        "width",
        (_wider_is_better("squares"),),
    ),
)
