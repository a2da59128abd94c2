"""Which runs each figure shows, of the project's configuration and of others."""

import re
from pathlib import Path

import pytest
import yaml

from rknet.show.figures.specification import (
    ANIMATED,
    FIGURES,
    MOTIONS,
    CurveFigure,
    PanelFigure,
    caption_of,
    cells,
    drawable,
    runs,
    varied,
)
from rknet.study.config import load
from rknet.study.grids import Run, expand

ROOT = Path(__file__).parents[3]
ARCHITECTURES = {("StandardNet", 5), ("EulerNet", 100), ("RK4Net", 100)}


def configuration(*experiments, **more):
    written = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    chosen = {"experiments": list(experiments), "optional_experiments": []}
    return load(written | chosen | more, ROOT).experiments


def shown(name, experiments):
    return runs(FIGURES[name], experiments)


@pytest.fixture(scope="module")
def default(configured):
    return configured.all_experiments


def test_all_figures_of_the_paper_can_be_drawn(default, configured):
    paper = [figure for figure in FIGURES.values() if figure.experiment != "digits"]
    assert [figure.name for figure in paper] == [f"figure{number}" for number in range(1, 19)]
    assert [figure.number for figure in paper] == list(range(1, 19))
    preprint = [*range(1, 9), None, *range(9, 13), *[None] * 5]
    assert [figure.preprint for figure in paper] == preprint
    assert drawable(default) == list(FIGURES)
    # Without the optional experiment, those of images are there in miniature.
    images = [f"figure{number}" for number in range(14, 19)]
    assert drawable(configured.experiments) == [name for name in FIGURES if name not in images]


@pytest.mark.parametrize(
    ("name", "dataset"),
    [("figure14", "mnist"), ("figure15", "fashion_mnist"), ("digits_figure14", "digits")],
)
def test_examples(default, name, dataset):
    (run,) = shown(name, default)
    width = 100 if dataset == "digits" else 900
    found = (run.cell.dataset, run.cell.network, run.cell.width, run.cell.depth, run.seed)
    assert found == (dataset, "RK4Net", width, 100, 0)


@pytest.mark.parametrize(
    ("name", "dataset"), [("figure16", "fashion_mnist"), ("digits_figure16", "digits")]
)
def test_output_features(default, name, dataset):
    found = [(run.cell.network, run.cell.depth, run.seed) for run in shown(name, default)]
    assert found == [("StandardNet", 5, 0), ("RK4Net", 100, 0)]
    assert {run.cell.dataset for run in shown(name, default)} == {dataset}


@pytest.mark.parametrize(
    ("name", "dataset"),
    [("figure17", "mnist"), ("figure18", "fashion_mnist"), ("digits_figure17", "digits")],
)
def test_convergence_on_images(default, name, dataset):
    found = shown(name, default)
    assert {run.cell.dataset for run in found} == {dataset}
    assert {(run.cell.network, run.cell.depth) for run in found} == ARCHITECTURES
    assert len({run.cell.width for run in found}) == 1
    assert len(found) == 3 * 4


def test_of_an_experiment_with_absent_runs_the_others_are_shown(default):
    first = [run for run in default["digits"].runs if run.seed == 0]
    some = {"digits": default["digits"].without(first)}
    assert [run.seed for run in shown("digits_figure16", some)] == [1, 1]
    assert {run.seed for run in shown("digits_figure17", some)} == {1, 2, 3}


@pytest.mark.parametrize(("name", "dataset"), [("figure3", "donut_2d"), ("figure4", "squares")])
def test_widths(default, name, dataset):
    assert [(run.cell.dataset, run.cell.network, run.cell.width, run.seed)
            for run in shown(name, default)] == [(dataset, "RK4Net", 2, 0),
                                                 (dataset, "RK4Net", 3, 0)]  # fmt: skip


def test_layers(default):
    found = [(run.cell.network, run.cell.depth, run.cell.lift, run.seed)
             for run in shown("figure5", default)]  # fmt: skip
    assert found == [("StandardNet", 20, "random", 0), ("RK4Net", 20, "random", 0)]


def test_activations(default):
    (run,) = shown("figure6", default)
    assert (run.cell.network, run.cell.depth, run.cell.activation) == ("RK4Net", 20, "tanh")
    found = shown("figure7", default)
    activations = ["tanh", "logistic", "relu", "softplus"]
    assert list(dict.fromkeys(run.cell.activation for run in found)) == activations
    assert len(found) == 4 * 2
    assert {(run.cell.network, run.cell.depth) for run in found} == {("RK4Net", 20)}


def test_repetitions(default):
    found = shown("figure9", default)
    assert [run.seed for run in found] == [0, 1, 2, 3]
    assert {(run.cell.dataset, run.cell.network, run.cell.lift) for run in found} == {
        ("donut_2d_6c", "RK4Net", "random")
    }


@pytest.mark.parametrize(
    ("name", "dataset", "seeds"),
    [
        ("figure10", "donut_2d_6c", 1),
        ("figure11", "squares_2d_4c", 1),
        ("figure12", "donut_3d_6c", 4),
        ("figure13", "squares_3d_4c", 4),
    ],
)
def test_architectures(default, name, dataset, seeds):
    found = shown(name, default)
    assert len(found) == 3 * seeds
    assert {(run.cell.network, run.cell.depth) for run in found} == ARCHITECTURES
    assert {(run.cell.dataset, run.cell.lift) for run in found} == {(dataset, "random")}


def small(name, **grid):
    return {"name": name, "seeds": 2, "width": 4, "epochs": 3} | grid


def test_the_nearest_depth_and_the_only_lift_there_is():
    grid = {"dataset": "spiral", "network": ["StandardNet", "RK4Net"], "lift": "zeros"}
    experiments = configuration(small("depth", depth=[1, 3, 12, 100], **grid))
    assert {(run.cell.depth, run.cell.lift) for run in shown("figure5", experiments)} == {
        (12, "zeros")
    }
    # Of two equally near, the smaller.
    experiments = configuration(small("depth", depth=[30, 10], **grid))
    assert {run.cell.depth for run in shown("figure5", experiments)} == {10}


def test_the_only_activation_there_is():
    grid = {"dataset": "donut_1d", "network": "RK4Net", "depth": 2}
    experiments = configuration(small("activation", activation=["relu", "softplus"], **grid))
    (run,) = shown("figure6", experiments)
    assert run.cell.activation == "relu"


def test_every_network_of_the_experiment_is_shown():
    experiments = configuration(
        small(
            "architecture",
            dataset=["donut_2d_6c", "squares_2d_4c", "donut_3d_6c", "squares_3d_4c"],
            network=["StandardNet", "RK4Net", "MyNet"],
            depth=2,
        ),
        networks={"MyNet": {"tableau": "heun"}},
    )
    for number in (10, 11, 12, 13):
        networks = {run.cell.network for run in shown(f"figure{number}", experiments)}
        assert networks == {"StandardNet", "RK4Net", "MyNet"}
        assert "StandardNet, RK4Net and MyNet" in caption_of(
            FIGURES[f"figure{number}"], experiments
        )


def test_a_missing_experiment_or_dataset_gives_no_figure():
    assert drawable({}) == ["figure1", "figure2", "figure8"]
    assert all(not runs(figure, {}) and not cells(figure, {}) for figure in FIGURES.values())
    grid = {"dataset": "donut_2d", "network": "RK4Net", "depth": 2}
    experiments = configuration(small("width", **grid), small("architecture", **grid))
    assert drawable(experiments) == ["figure1", "figure2", "figure3", "figure8"]


def test_fewer_seeds_than_a_figure_would_show():
    grid = {"dataset": "donut_2d_6c", "network": "RK4Net", "depth": 2}
    experiments = configuration(small("architecture", **grid))
    assert [run.seed for run in shown("figure9", experiments)] == [0, 1]
    assert [run.seed for run in shown("figure10", experiments)] == [0]


@pytest.mark.parametrize("name", FIGURES)
def test_captions_are_filled(default, name):
    caption = caption_of(FIGURES[name], default)
    assert not re.search(r"[{}]", caption)
    assert caption.endswith(".")


def test_captions_say_what_is_shown(default):
    caption = caption_of(FIGURES["figure10"], default)
    assert "donut 2D & 6C with StandardNet, EulerNet and RK4Net, width d̂ = 16" in caption
    assert "L = 5 for StandardNet and L = 100 for EulerNet and RK4Net" in caption
    assert "a frozen random lift" in caption
    assert "padding by zeros" in caption_of(FIGURES["figure3"], default)
    assert "means over 4 repetitions" in caption_of(FIGURES["figure12"], default).replace("\n", " ")


def test_what_tells_runs_apart():
    several = expand({"dataset": "spiral", "network": ["StandardNet", "RK4Net"], "width": 3,
                      "depth": [1, 2]})  # fmt: skip
    assert varied([Run(cell, 0) for cell in several]) == ("network", "depth")
    assert varied([Run(several[0], seed) for seed in (0, 1)]) == ("seed",)
    assert varied([]) == ()


def test_what_a_figure_is_drawn_from():
    assert all(figure.name == name for name, figure in FIGURES.items())
    assert set(ANIMATED) <= set(FIGURES)
    assert MOTIONS == ("trajectories", "transformation")
    for figure in FIGURES.values():
        if isinstance(figure, CurveFigure):
            assert figure.needs == ("history.csv",)
        if isinstance(figure, PanelFigure):
            assert figure.needs == ("parameters.safetensors",)
