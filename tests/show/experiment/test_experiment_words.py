"""Experiments in words."""

from dataclasses import replace

from grids import CELL, cells
from hypothesis import given

from rknet.cell import AXES, Cell
from rknet.show.experiment.words import following, name, ordered, phrase, setting, telling, varied

RARE = {"momentum", "weight_decay", "training_samples", "validation_samples"}


@given(cells())
def test_what_tells_cells_apart_does(found):
    names = {name(cell, telling(found)) for cell in found}
    assert len(names) == len(found)
    assert set(telling(found)) <= set(varied(found))
    # What is left out is said: of each value of the axis that decides it.
    assert len(following(found)) == len(varied(found)) - len(telling(found))


@given(cells())
def test_an_axis_varies_or_is_said_once_for_all(found):
    said = setting(found)
    for axis in set(AXES) - RARE:
        assert (phrase(axis, found[0]) in said) != (axis in varied(found)) or axis in (
            # Of these, the words may stand in those of another one.
            "width",
            "depth",
            "network",
        )


def test_cells_are_in_order_and_once():
    deep, wide = replace(CELL, depth=20), replace(CELL, width=16)
    other = replace(CELL, network="Alpha", depth=10)
    # Numbers rise; names stay in the order of the config.
    assert ordered([wide, deep, CELL, other, deep]) == [CELL, deep, wide, other]


def test_a_momentum_is_said_where_there_is_one():
    fast = replace(CELL, optimiser="sgd", momentum=0.9)
    assert "momentum" not in setting([CELL])
    assert "momentum 0.9" in setting([fast])
    decaying = replace(CELL, weight_decay=0.01)
    assert "weight decay" not in setting([CELL])
    assert "weight decay 0.01" in setting([decaying])
    fewer = replace(CELL, training_samples=300)
    assert "samples" not in setting([CELL])
    assert "training samples 300" in setting([fewer])
    assert name(CELL, varied([CELL, fewer])) == "training samples as usual"


def test_what_goes_with_what():
    plain, deep = Cell("spiral", "StandardNet", 16, 5), Cell("spiral", "RK4Net", 16, 100)
    assert telling([plain, deep]) == ("network",)
    assert following([plain, deep]) == [
        "The depth goes with the network: L = 5 for StandardNet; L = 100 for RK4Net."
    ]
    assert telling([plain, deep, replace(deep, depth=5)]) == ("network", "depth")
    euler = replace(deep, network="EulerNet")
    assert following([plain, deep, euler]) == [
        "The depth goes with the network: L = 5 for StandardNet; L = 100 for RK4Net and EulerNet."
    ]


def test_a_number_that_does_not_end_is_cut():
    assert phrase("step_size", replace(CELL, step_size=1 / 24)) == "step size 0.0416667"
    assert phrase("learning_rate", replace(CELL, learning_rate=1e-5)) == "learning rate 1e-05"


def test_numbers_that_differ_look_different():
    steps = [replace(CELL, step_size=h, depth=d) for h, d in ((0.1234561, 5), (0.1234562, 9))]
    assert [phrase("step_size", cell) for cell in steps] == [
        "step size 0.1234561",
        "step size 0.1234562",
    ]
    assert following(steps) == [
        "The step size goes with the depth: step size 0.1234561 for L = 5; "
        "step size 0.1234562 for L = 9."
    ]
    third = replace(CELL, step_size=1 / 3), replace(CELL, step_size=0.3333333)
    assert len({phrase("step_size", cell) for cell in third}) == 2
    assert phrase("step_size", replace(CELL, step_size=0.1 + 0.2)) == "step size 0.3"
