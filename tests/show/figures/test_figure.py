"""Which runs each figure shows, of the project's configuration and of others."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from of_a_kind import of_a_kind

from rknet import datasets
from rknet.engines.base import initial_parameters
from rknet.show.entries import PaperError
from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import (
    KINDS,
    MOTIONS,
    Files,
    caption_of,
    cells,
    drawable,
    read_figures,
    runs,
    varied,
)
from rknet.show.paper import load_paper
from rknet.study.config import load
from rknet.study.grids import Run, expand

ROOT = Path(__file__).parents[3]
PAPER = load_paper()
FIGURES = PAPER.figures
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
    paper = [
        figure for figure in FIGURES.values() if figure.edition != "digits" and figure.of_the_paper
    ]
    assert [figure.name for figure in paper] == [f"figure{number}" for number in range(1, 19)]
    assert [figure.number for figure in paper] == list(range(1, 19))
    preprint = [*range(1, 9), None, *range(9, 13), *[None] * 5]
    assert [figure.preprint for figure in paper] == preprint
    assert drawable(FIGURES, default) == list(FIGURES)
    # Without the optional experiment, those of images are there in miniature.
    images = [f"figure{number}" for number in range(14, 19)]
    assert drawable(FIGURES, configured.experiments) == [
        name for name in FIGURES if name not in images
    ]


@pytest.mark.parametrize(
    ("name", "dataset"),
    [("figure14", "mnist"), ("figure15", "fashion_mnist"), ("digits_figure14", "digits")],
)
def test_examples(default, name, dataset):
    (cell,) = cells(FIGURES[name], default)
    width = 100 if dataset == "digits" else 900
    found = (cell.dataset, cell.network, cell.width, cell.depth)
    assert found == (dataset, "RK4Net", width, 100)


@pytest.mark.parametrize(
    ("name", "dataset"), [("figure16", "fashion_mnist"), ("digits_figure16", "digits")]
)
def test_output_features(default, name, dataset):
    found = [(cell.dataset, cell.network, cell.depth) for cell in cells(FIGURES[name], default)]
    assert found == [(dataset, "StandardNet", 5), (dataset, "RK4Net", 100)]


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
    assert [run.seed for run in shown("digits_figure16", some)] == [1, 2, 3] * 2
    assert {run.seed for run in shown("digits_figure17", some)} == {1, 2, 3}


@pytest.mark.parametrize(("name", "dataset"), [("figure3", "donut_2d"), ("figure4", "squares")])
def test_widths(default, name, dataset):
    found = [(cell.dataset, cell.network, cell.width) for cell in cells(FIGURES[name], default)]
    assert found == [(dataset, "RK4Net", 2), (dataset, "RK4Net", 3)]


def test_layers(default):
    found = [(cell.network, cell.depth, cell.lift) for cell in cells(FIGURES["figure5"], default)]
    assert found == [("StandardNet", 20, "random"), ("RK4Net", 20, "random")]


def test_activations(default):
    (cell,) = cells(FIGURES["figure6"], default)
    assert (cell.network, cell.depth, cell.activation) == ("RK4Net", 20, "tanh")
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
        ("figure10", "donut_2d_6c", 4),
        ("figure11", "squares_2d_4c", 4),
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
    (cell,) = cells(FIGURES["figure6"], experiments)
    assert cell.activation == "relu"


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
    assert drawable(FIGURES, {}) == ["figure1", "figure2", "figure8", "comparison"]
    assert all(not runs(figure, {}) and not cells(figure, {}) for figure in FIGURES.values())
    grid = {"dataset": "donut_2d", "network": "RK4Net", "depth": 2}
    experiments = configuration(small("width", **grid), small("architecture", **grid))
    assert drawable(FIGURES, experiments) == [
        *("figure1", "figure2", "figure3", "figure8", "comparison", "runs_of_architectures")
    ]


def test_fewer_seeds_than_a_figure_would_show():
    grid = {"dataset": "donut_2d_6c", "network": "RK4Net", "depth": 2}
    experiments = configuration(small("architecture", **grid))
    assert [run.seed for run in shown("figure9", experiments)] == [0, 1]


def test_a_figure_of_one_repetition_is_drawn_from_all_that_it_chooses_from(default):
    one = [figure.name for figure in FIGURES.values() if figure.of_one_repetition]
    assert one == [f"figure{number}" for number in (3, 4, 5, 6, 10, 11, 14, 15, 16)] + [
        "digits_figure14", "digits_figure16"
    ]  # fmt: skip
    for name in one:
        experiment = default[FIGURES[name].experiment]
        of_cells = cells(FIGURES[name], default)
        assert shown(name, default) == tuple(
            Run(cell, seed) for cell in of_cells for seed in experiment.seeds
        )


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
    several = "with the median validation accuracy (mean of the runs shown) out of 4."
    assert caption.endswith(several)
    assert caption_of(FIGURES["figure14"], default).endswith("median validation accuracy out of 4.")
    assert "median" not in caption_of(FIGURES["figure9"], default)
    alone = configuration(
        small("architecture", dataset="donut_2d_6c", network="RK4Net", depth=2, seeds=[3])
    )
    assert "median" not in caption_of(FIGURES["figure10"], alone)
    assert "means over 4 repetitions" in caption_of(FIGURES["figure12"], default).replace("\n", " ")
    # An experiment that is trained in part has cells with fewer.
    shown = default["architecture"]
    partly = {
        "architecture": shown.without(shown.runs_of(cells(FIGURES["figure12"], default)[0])[1:])
    }
    assert "means over 1 to 4 repetitions, bands" in caption_of(FIGURES["figure12"], partly)


def test_a_repetition_is_chosen_among_those_that_all_cells_have(default):
    digits = default["digits"]
    deep = {run for run in shown("digits_figure16", default) if run.cell.network == "RK4Net"}
    some = {"digits": digits.without([run for run in deep if run.seed > 1])}
    assert [run.seed for run in shown("digits_figure16", some)] == [0, 1] * 2
    assert "out of 2." in caption_of(FIGURES["digits_figure16"], some)
    one = {"digits": digits.without([run for run in deep if run.seed != 2])}
    assert [run.seed for run in shown("digits_figure16", one)] == [2, 2]
    said = caption_of(FIGURES["digits_figure16"], one)
    assert said.endswith("Seed 2 is the only one that all networks have.")
    # Without one that all have, each has its own.
    shallow = {run for run in digits.runs if run.cell.network == "StandardNet"}
    apart = [*(run for run in deep if run.seed > 1), *(run for run in shallow if run.seed < 2)]
    none = {"digits": digits.without(apart)}
    assert [run.seed for run in shown("digits_figure16", none)] == [2, 3, 0, 1]


@pytest.mark.parametrize("number", [10, 11, 12, 13, 17, 18])
def test_captions_say_which_runs_start_alike(default, number):
    figure = FIGURES[f"figure{number}"]
    words = "EulerNet and RK4Net of the same seed and depth start from the same draws"
    assert words in caption_of(figure, default)
    about = datasets.named(figure.only["dataset"]).about
    # Three layers of a hundred are enough.
    euler, rk4 = (
        initial_parameters(replace(cell, depth=3), 1, about.dimension, about.classes)
        for cell in cells(figure, default)
        if cell.network in ("EulerNet", "RK4Net")
    )
    for name, values in rk4.items():
        np.testing.assert_array_equal(euler[name], values)


def test_what_tells_runs_apart():
    several = expand({"dataset": "spiral", "network": ["StandardNet", "RK4Net"], "width": 3,
                      "depth": [1, 2]})  # fmt: skip
    assert varied([Run(cell, 0) for cell in several]) == ("network", "depth")
    assert varied([Run(several[0], seed) for seed in (0, 1)]) == ("seed",)
    assert varied([]) == ()


def test_what_a_figure_is_drawn_from():
    assert set(PAPER.animated) <= set(FIGURES)
    assert MOTIONS == ("trajectories", "transformation")
    assert FIGURES["figure12"].needs == ("history.csv",)
    assert FIGURES["figure10"].needs == ("parameters.safetensors",)
    assert FIGURES["figure14"].needs == ("outputs.npz",)
    assert FIGURES["figure8"].needs == FIGURES["comparison"].needs == ()
    assert FIGURES["figure2"].datasets == ["donut_1d", "donut_2d", "squares", "spiral"]


def test_to_read_a_paper_imports_no_kind_of_figure():
    program = "import sys; from rknet.show.paper import load_paper; load_paper(); "
    program += "print([m for m in sys.modules if 'figures.kinds.' in m or m == 'matplotlib'])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_every_module_of_kinds_registers_the_kind_of_its_name():
    assert set(KINDS.modules()) == set(KINDS.names())
    assert KINDS.module("panels") == "rknet.show.figures.kinds.panels"
    with pytest.raises(ValueError, match=r"unknown kind of figure 'panel'.*did you mean 'panels'"):
        KINDS.load("panel")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pannels": []}, "small: options of panels: missing a required argument: 'panels'"),
        ({"panels": [], "width": 3}, "small: options of panels: got an unexpected .*'width'"),
        ({"panels": ["pca_4d"]}, "unknown panel 'pca_4d'"),
    ],
)
def test_options_that_a_kind_does_not_take_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        draw(of_a_kind("panels", **options), Files())


GOOD = {"number": 1, "kind": "curves", "from": "histories", "caption": "C.", "experiment": "depth"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "curve"}, "kind: unknown kind of figure 'curve'.*did you mean 'curves'"),
        ({"from": "history"}, "from: unknown source 'history'.*did you mean 'histories'"),
        ({"from": None}, "the key 'from' is missing"),
        ({"caption": None}, "the key 'caption' is missing"),
        ({"captions": "C."}, "unknown key 'captions'.*did you mean 'caption'"),
        ({"experiment": "deep"}, "experiment: unknown experiment 'deep'"),
        ({"experiment": None}, "experiment: unknown experiment ''"),
        ({"only": {"size": 3}}, "only: unknown axis 'size'"),
        ({"preferred": {"size": 3}}, "preferred: unknown axis 'size'"),
        ({"only": 3}, "only: found 3; expected a mapping"),
        ({"edition": "arxiv"}, "edition: unknown edition 'arxiv'; there are journal"),
        ({"repetitions": "all"}, "repetitions: found 'all'; expected a whole number"),
        ({"from": "datasets"}, "options: the key 'datasets' is missing"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_entry_and_key(tmp_path, change, words):
    entry = {key: value for key, value in (GOOD | change).items() if value is not None}
    file = tmp_path / "figures.yaml"
    for written in ({"mine": GOOD}, {"mine": entry}):
        file.write_text(yaml.safe_dump(written))
        if written["mine"] == GOOD:
            assert read_figures(file, {"journal": ""}, {"depth"})["mine"].heading == "Figure 1"
            continue
        with pytest.raises(PaperError, match=rf"{re.escape(str(file))}: mine: {words}"):
            read_figures(file, {"journal": ""}, {"depth"})
