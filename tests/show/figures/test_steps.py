"""Learned step sizes over the layers: what is drawn is what the runs have learned."""

import json
from pathlib import Path

import numpy as np
import pytest
from of_a_kind import of_a_kind
from safetensors.numpy import load_file, save_file
from trained_runs import joined, untrained

from rknet.cell import Cell
from rknet.networks.base import network
from rknet.show.figures.drawing import draw
from rknet.show.figures.style import LINES
from rknet.study.recording import write_record

FIGURE = of_a_kind("steps")
STEPS = {
    ("donut_2d", "LearnedNet"): [0.3, -0.1, 0.02, 0.2],
    ("donut_2d", "SimplexNet"): [0.2, 0.0, 0.0, 0.2],
    ("spiral", "LearnedNet"): [0.1, 0.15, 0.12, 0.05],
    ("spiral", "SimplexNet"): [0.0, 0.25, 0.05, 0.1],
}


def run(folder, dataset, name, h, status="completed"):
    """Files of a run that has learned these steps, or none."""
    files = untrained(folder, Cell(dataset, "EulerNet", 4, 4, step_size=0.1))
    about = json.loads(Path(files.records[0]).read_text())
    steps = "simplex" if name == "SimplexNet" else "learned"
    definition = network({"tableau": "euler", "steps": steps}).definition()
    setting = {**about["setting"], "network": name, "network_definition": definition}
    place = folder / dataset / name
    place.mkdir(parents=True)
    arrays = load_file(files.parameters[0])
    if h is not None:
        arrays["h"] = np.array(h, np.float32)
    save_file(arrays, place / "parameters.safetensors")
    record = {"setting": setting, "status": status, "dataset_sha256": about["dataset_sha256"]}
    write_record(place / "run.json", record, [place / "parameters.safetensors"])
    return files._replace(
        records=[str(place / "run.json")], parameters=[str(place / "parameters.safetensors")]
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return joined(*(run(folder, *of, h) for of, h in STEPS.items()))


@pytest.fixture(scope="module")
def picture(files):
    return draw(FIGURE, files)


def lines(axes, name):
    """What is drawn of a line."""
    return [line for line in axes.lines if line.get_label() == name]


@pytest.mark.mpl_image_compare
def test_picture(files):
    return draw(FIGURE, files)


def test_lines_are_the_steps_of_the_runs_and_hollow_marks_the_zeros(picture):
    for axes, dataset in zip(picture.axes, ("donut_2d", "spiral"), strict=True):
        for look, name in zip(LINES, ("LearnedNet", "SimplexNet"), strict=False):
            wanted = np.float32(STEPS[dataset, name])
            (line,) = lines(axes, name)
            assert line.get_color() == look["color"]
            np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
            np.testing.assert_array_equal(line.get_ydata(), wanted)
            hollow = [
                layer
                for mark in axes.lines
                if mark.get_markerfacecolor() == "white" and mark.get_color() == look["color"]
                for layer in mark.get_xdata()
            ]
            assert hollow == [layer for layer, h in enumerate(wanted, start=1) if h == 0]
        (fixed,) = (line for line in axes.lines if line.get_linestyle() == "--")
        assert set(fixed.get_ydata()) == {0.1}


def test_titles_count_the_zeros(picture):
    assert [axes.get_title() for axes in picture.axes] == [
        "donut 2D\nSimplexNet: h = 0 in 2 of 4 layers",
        "spiral\nSimplexNet: h = 0 in 1 of 4 layers",
    ]
    legend = [text.get_text() for text in picture.legends[0].get_texts()]
    assert legend == ["LearnedNet", "SimplexNet", "fixed"]


def test_a_diverged_run_is_said_to_have_diverged_and_three_panels_leave_one_empty(tmp_path):
    files = joined(
        run(tmp_path, "spiral", "LearnedNet", [np.nan] * 4, status="diverged"),
        run(tmp_path, "squares", "LearnedNet", [0.1] * 4),
        run(tmp_path, "donut_1d", "LearnedNet", [0.1, 0.2, 0.1, 0.3]),
    )
    picture = draw(FIGURE, files)
    assert [axes.get_title() for axes in picture.axes[:3]] == [
        "spiral\nLearnedNet: diverged",
        "squares\nh = 0 in no layer",
        "donut 1D\nh = 0 in no layer",
    ]
    assert not picture.axes[3].axison
    picture.draw_without_rendering()


def test_a_run_that_has_not_learned_steps_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"parameters.safetensors has no step sizes: SimplexNet"):
        draw(FIGURE, run(tmp_path, "spiral", "SimplexNet", None))


def test_a_damaged_file_is_named(tmp_path):
    files = run(tmp_path, "spiral", "SimplexNet", [0.1] * 4)
    Path(files.parameters[0]).write_bytes(b"damaged")
    with pytest.raises(ValueError, match=files.parameters[0]):
        draw(FIGURE, files)


def test_nothing_is_cut_off_at_the_edge(picture, within_page):
    within_page(picture)
