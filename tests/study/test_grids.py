"""Grids, cells and run paths, by properties."""

import re
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rknet.cell import AXES, Cell
from rknet.study.grids import Experiment, HorizonError, Run, completed, expand, seeds

positive = st.floats(1e-9, 1e9, allow_nan=False)
cells = st.builds(
    Cell,
    dataset=st.sampled_from(["spiral", "donut_3d_6c", "squares"]),
    network=st.sampled_from(["RK4Net", "StandardNet", "Mine2"]),
    width=st.integers(1, 2000),
    depth=st.integers(1, 2000),
    activation=st.sampled_from(["tanh", "logistic", "relu", "softplus"]),
    lift=st.sampled_from(["random", "zeros"]),
    classifier=st.sampled_from(["trained", "fixed"]),
    step_size=positive,
    epochs=st.integers(1, 500),
    batch_size=st.integers(1, 500),
    loss=st.sampled_from(["cross_entropy", "mse"]),
    optimiser=st.sampled_from(["adam", "sgd", "adagrad", "adadelta"]),
    learning_rate=positive,
    momentum=st.floats(0, 0.99),
    weight_decay=st.floats(0, 1e9),
    tolerance=positive,
    training_samples=st.integers(0, 10**6),
    validation_samples=st.integers(0, 10**6),
    engine=st.sampled_from(["compiled", "torch", "autograd"]),
)
runs = st.builds(Run, cells, st.integers(0, 10**6))


@given(runs, runs, st.sampled_from([field.name for field in fields(Cell)]))
def test_a_path_names_one_run(run, other, axis):
    # Unlike in one axis only, where a name would most easily be the same.
    near = Run(replace(run.cell, **{axis: getattr(other.cell, axis)}), run.seed)
    for second in (other, near, Run(run.cell, other.seed)):
        assert (run == second) == (run.path == second.path)


@given(runs)
def test_a_path_is_safe(run):
    assert re.fullmatch(r"[A-Za-z0-9_.+-]+(/[A-Za-z0-9_.+-]+){3}", run.path)
    assert not any(part.startswith((".", "-")) for part in run.path.split("/"))
    # The longest name that file systems take; five numbers of 17 digits come close.
    assert all(len(part) <= 255 for part in run.path.split("/"))


@given(runs, runs)
def test_different_runs_have_different_paths(first, second):
    assert (first.path == second.path) == (first == second)


grids = st.fixed_dictionaries(
    {
        "dataset": st.lists(st.sampled_from(["spiral", "squares"]), min_size=1, max_size=3),
        "network": st.sampled_from(["RK4Net", "EulerNet"]),
        "width": st.lists(st.integers(2, 9), min_size=1, max_size=3),
        "depth": st.lists(st.integers(1, 9), min_size=1, max_size=3),
        "lift": st.lists(st.sampled_from(["random", "zeros"]), min_size=1, max_size=3),
    }
)


@given(grids)
def test_a_grid_is_the_product_of_its_axes_without_duplicates(grid):
    found = expand(grid)
    assert len(found) == len(set(found))
    wanted = {
        (d, grid["network"], w, n, lift)
        for d in grid["dataset"]
        for w in grid["width"]
        for n in grid["depth"]
        for lift in grid["lift"]
    }
    assert {(c.dataset, c.network, c.width, c.depth, c.lift) for c in found} == wanted


@given(grids)
def test_variants_replace_axes_and_join(grid):
    found = expand(grid, [{"depth": 5, "network": "StandardNet"}, {"depth": [100, 5]}])
    assert {c.depth for c in found} == {5, 100}
    assert len(found) == len(set(found)) == 3 * len(expand({**grid, "depth": 1}))


def test_a_usual_name_is_short():
    run = Run(Cell("spiral", "RK4Net", 16, 20), 3)
    assert run.path == "spiral/RK4Net/width16_depth20_tanh_random/seed3"
    longer = Cell("spiral", "RK4Net", 16, 20, epochs=80, learning_rate=0.01, classifier="fixed")
    assert longer.name == "width16_depth20_tanh_random_classifier-fixed_epochs80_rate0.01"


@given(cells)
def test_a_cell_is_that_of_its_settings(cell):
    assert Cell.of({**cell.settings(), "seed": 3}) == cell


def test_records_from_before_an_axis_was_added_stay_as_they_are():
    cell = Cell("spiral", "RK4Net", 16, 20)
    assert "weight_decay" not in cell.settings()
    decaying = replace(cell, weight_decay=0.01)
    assert decaying.settings() == {**cell.settings(), "weight_decay": 0.01}
    assert decaying.name == f"{cell.name}_decay0.01"


def test_numbers_that_mean_the_same_are_one_cell():
    assert Cell("spiral", "RK4Net", 16.0, 20, step_size=1) == Cell(
        "spiral", "RK4Net", 16, 20, step_size=1.0
    )


def test_seeds_and_runs():
    assert seeds(3) == (0, 1, 2)
    assert seeds([7, 2]) == (7, 2)
    experiment = Experiment("e", expand({"dataset": "spiral", "network": "RK4Net", "width": 2,
                                         "depth": [1, 2]}), (0, 5))  # fmt: skip
    assert [(r.cell.depth, r.seed) for r in experiment.runs] == [(1, 0), (1, 5), (2, 0), (2, 5)]


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=3),
    st.lists(st.floats(1e-3, 50), min_size=1, max_size=3),
)
def test_a_horizon_stands_for_the_step_size_and_back_for_the_depth(depths, horizons):
    grid = {"dataset": "spiral", "network": "RK4Net", "width": 2}
    cells = expand({**grid, "horizon": horizons, "depth": depths})
    assert len(cells) == len(set(depths)) * len(set(horizons))
    for cell in cells:
        assert any(cell.depth * cell.step_size == pytest.approx(T, rel=1e-12) for T in horizons)
        T = cell.depth * cell.step_size
        assert expand({**grid, "horizon": T, "step_size": cell.step_size}) == (cell,)
        # All three, if they agree.
        assert expand({**grid, "horizon": T, "step_size": cell.step_size, "depth": cell.depth}) == (
            cell,
        )


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        (
            {"horizon": 1, "step_size": 0.3},
            "found 1, 3.33333 steps of step_size 0.3; expected a wh",
        ),
        ({"horizon": 0.01, "step_size": 0.3}, "found 0.01, 0.0333333 steps of step_size 0.3"),
        ({"horizon": 1e30, "step_size": 1e-300}, "inf steps"),
        (
            {"horizon": 1, "step_size": 0.1, "depth": [10, 12]},
            "found 1 with depth 12 and step_size 0.1; expected depth times step_size, 1.2: leave",
        ),
    ],
)
def test_a_horizon_that_does_not_fit_is_refused(axes, words):
    with pytest.raises(HorizonError, match=re.escape(words)):
        expand({"dataset": "spiral", "network": "RK4Net", "width": 2, **axes})


def test_the_protocols_step_size_gives_way_to_a_horizon_and_a_depth():
    protocol = {"step_size": 0.05, "epochs": 3}
    assert completed(protocol, {"horizon": 1, "depth": 4}) == {
        "epochs": 3, "horizon": 1, "depth": 4,
    }  # fmt: skip
    for grid in ({"horizon": 1}, {"depth": 4}, {"horizon": 1, "depth": 4, "step_size": 0.25}):
        assert completed(protocol, grid) == {**protocol, **grid}


def test_an_unknown_axis_is_an_error():
    with pytest.raises(TypeError, match="colour"):
        expand({"dataset": "spiral", "network": "x", "width": 2, "depth": 1, "colour": "red"})
    assert set(AXES) == set(Cell.__dataclass_fields__)


def test_an_experiment_without_some_of_its_runs():
    cells = expand({"dataset": "spiral", "network": "RK4Net", "width": 4, "depth": [1, 2]})
    whole = Experiment("some", cells, (0, 1))
    assert whole.without([]).runs == whole.runs
    first = whole.without([Run(cells[0], 1)])
    assert first.cells == cells
    assert first.runs == (Run(cells[0], 0), Run(cells[1], 0), Run(cells[1], 1))
    # A cell without any run is not there.
    assert whole.without([Run(cells[1], 0), Run(cells[1], 1)]).cells == cells[:1]
    assert whole.without(whole.runs).runs == ()
