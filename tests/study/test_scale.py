"""What the workflow asks before it plans grows as the number of runs, and not as its square."""

import sys

import pytest

from rknet.show.figures.figure import drawable, runs
from rknet.show.paper import load_paper
from rknet.show.tables.table import fillable
from rknet.study.grids import Experiment, expand

PAPER = load_paper("rknet.paper")


def experiment(name, depths):
    grid = {"dataset": "donut_2d_6c", "network": ["EulerNet", "RK4Net"], "width": 16,
            "depth": list(range(1, depths + 1))}  # fmt: skip
    return {name: Experiment(name, expand(grid), tuple(range(2)))}


def calls(work, *arguments):
    """How many functions are called by `work`."""
    counted = 0

    def count(frame, event, argument):
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        work(*arguments)
    finally:
        sys.setprofile(None)
    return counted


def ask(experiments):
    """The tables and figures that there are, and the runs that they show."""
    fillable(PAPER.tables, experiments)
    for name in drawable(PAPER.figures, experiments):
        runs(PAPER.figures[name], experiments)


@pytest.mark.parametrize("name", ["architecture", "depth"])
def test_nothing_is_quadratic_in_the_runs(name):
    few, more, most = (calls(ask, experiment(name, depths)) for depths in (20, 40, 80))
    # Twice the growth for twice the runs; of a quadratic step it would be four times.
    assert 1.8 < (most - more) / (more - few) < 2.2
