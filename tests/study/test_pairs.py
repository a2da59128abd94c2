"""Claims on two networks: which pairs they are judged by, and which runs those are."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from rknet.cell import Cell
from rknet.study.claims import Results, Runs
from rknet.study.likeness import Answers, pairs
from rknet.study.statistics import NotRun, TooFewRuns

ONE = Cell("spiral", "RK4Net", 16, 20)
OTHER = replace(ONE, network="StandardNet", depth=5)


def runs_of(cells, seeds=4, diverged=()):
    """Every network predicts its seed, and one class more if it is not RK4Net."""
    answers = {
        (cell, seed): Answers(
            None, np.array([0, seed, cell.network == "RK4Net"]), (cell, seed) in diverged
        )
        for cell in cells
        for seed in range(seeds)
    }
    return Runs(Results(pairs={"toy": pairs(answers)}), "random")


def between(runs, first, second, **cell):
    return runs.between("toy", "disagreement", first, second, **cell)


def test_networks_of_different_seeds_are_compared_each_seed_once():
    runs = runs_of([ONE, OTHER])
    first, second = {"network": "RK4Net", "depth": 20}, {"network": "StandardNet", "depth": 5}
    assert between(runs, first, second, width=16).to_dict() == {0: 2 / 3, 2: 2 / 3}
    assert between(runs, first, first, width=16).to_dict() == {0: 1 / 3, 2: 1 / 3}
    # Those that a look must repeat, and how many there were: seeds 0 and 2, and 1 and 3, twice.
    assert set(runs.cells["toy"]) == {ONE, OTHER}
    assert str(runs) == "toy: 6 runs"


def test_a_pair_of_which_one_diverged_does_not_count():
    runs = runs_of([ONE, OTHER], diverged={(OTHER, 3)})
    first, second = {"network": "RK4Net", "depth": 20}, {"network": "StandardNet", "depth": 5}
    assert between(runs, first, second).index.tolist() == [0]


def test_a_network_of_the_pair_that_is_not_named_must_be_one_alone():
    runs = runs_of([ONE, OTHER, replace(ONE, depth=3)])
    with pytest.raises(TooFewRuns, match="varies an axis"):
        between(runs, {"network": "StandardNet", "depth": 5}, {"network": "RK4Net"})


def test_without_pairs_it_says_what_is_missing():
    with pytest.raises(TooFewRuns, match="two seeds") as raised:
        between(runs_of([ONE], seeds=1), {}, {})
    assert not isinstance(raised.value, NotRun)
    with pytest.raises(NotRun, match="no results of the experiment toy"):
        between(Runs(Results(), "random"), {}, {})
    with pytest.raises(NotRun, match="network Mine"):
        between(runs_of([ONE]), {"network": "Mine"}, {"network": "Mine"})


def test_the_table_says_all_of_the_first_cell():
    frame = pairs({(ONE, seed): Answers(None, np.zeros(1, int)) for seed in (0, 1)})
    row = frame.iloc[0]
    assert {axis: row[axis] for axis in asdict(ONE)} == asdict(ONE)
    assert isinstance(frame, pd.DataFrame)
