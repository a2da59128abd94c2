"""Figures 7, 12 and 13: the lines are the means over the runs that there are."""

import csv
import statistics
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from of_a_kind import of_a_kind

from rknet.show.figures.drawing import draw
from rknet.show.figures.kinds.curves import mean_over_runs
from rknet.show.figures.line_names import named
from rknet.show.figures.style import LINES
from rknet.study.recording import write_record
from rknet.study.records import read_record

NETWORKS = (
    "StandardNet/width3_depth4_tanh_random_epochs12",
    "RK4Net/width3_depth4_tanh_random_epochs12",
)
METRICS = ("accuracy_percent", "cost")
FIGURE = of_a_kind("curves", splits=("validation", "training"), band=True)


@pytest.fixture(scope="module")
def picture(frozen):
    return draw(FIGURE, frozen(*NETWORKS))


@pytest.mark.mpl_image_compare
def test_picture(frozen):
    return draw(FIGURE, frozen(*NETWORKS))


def history(path, column):
    with Path(path).open() as file:
        return [float(row[column]) for row in csv.DictReader(file)]


def line_of(axes, name):
    (line,) = (line for line in axes.lines if line.get_label() == name)
    return line


def bands(axes):
    """Lower and upper end at each epoch, of each shaded band."""
    found = []
    for band in axes.collections:
        corners = band.get_paths()[0].vertices
        ends = {}
        for x, y in corners:
            ends.setdefault(round(float(x)), []).append(float(y))
        found.append([(min(ends[x]), max(ends[x])) for x in sorted(ends)])
    return found


@pytest.mark.parametrize("split", ["validation", "training"])
@pytest.mark.parametrize(("place", "metric"), list(enumerate(METRICS)))
def test_lines_are_means_and_bands_standard_deviations(picture, frozen, place, metric, split):
    axes = picture.axes[place]
    shown = iter(bands(axes))
    for cell in NETWORKS:
        runs = [history(path, f"{split}_{metric}") for path in frozen(cell).histories]
        assert len(runs) == 2
        assert len(runs[0]) == 13
        line = line_of(axes, f"{cell.split('/')[0]}, {split}")
        means = [statistics.mean(values) for values in zip(*runs, strict=True)]
        np.testing.assert_array_equal(line.get_xdata(), range(13))
        np.testing.assert_allclose(line.get_ydata(), means)
        spread = [statistics.pstdev(values) for values in zip(*runs, strict=True)]
        expected = [(m - s, m + s) for m, s in zip(means, spread, strict=True)]
        band = next(band for band in shown if np.allclose(band, expected))
        assert band


def test_splits_are_solid_and_dotted_and_networks_differ_in_mark_and_colour(picture):
    axes = picture.axes[0]
    looks = {}
    for name, look in (("StandardNet", LINES[0]), ("RK4Net", LINES[1])):
        solid, dotted = (line_of(axes, f"{name}, {split}") for split in FIGURE.options["splits"])
        assert (solid.get_linestyle(), dotted.get_linestyle()) == ("-", ":")
        assert solid.get_color() == dotted.get_color() == look["color"]
        looks[name] = (solid.get_marker(), solid.get_linewidth(), solid.get_markevery())
    # Lines that coincide can both be seen.
    assert all(a != b for a, b in zip(*looks.values(), strict=True))


def test_axes_say_what_they_show(picture):
    assert [axes.get_ylabel() for axes in picture.axes] == ["accuracy (%)", "cost"]
    assert {axes.get_xlabel() for axes in picture.axes} == {"epoch"}
    assert legend(picture) == ["StandardNet", "RK4Net", "validation", "training"]


def legend(picture):
    return [text.get_text() for text in picture.legends[0].get_texts()]


def test_as_far_as_the_figure_says_and_only_its_splits(frozen):
    picture = draw(of_a_kind("curves", epochs=5), frozen(*NETWORKS))
    for axes in picture.axes:
        assert not axes.collections, "no band"
        assert line_of(axes, "RK4Net, validation").get_xdata().tolist() == list(range(6))
        assert not any("training" in line.get_label() for line in axes.lines)
    assert legend(picture) == ["StandardNet", "RK4Net"]


def changed(files, place, folder, status, epochs=None):
    """The files, of which the run at a place has ended so, after so many epochs."""
    record = read_record(files.records[place])
    lines = Path(files.histories[place]).read_text().splitlines()
    folder.mkdir(exist_ok=True)
    new_record, new_history = folder / "run.json", folder / "history.csv"
    new_history.write_text("\n".join(lines[: None if epochs is None else epochs + 2]) + "\n")
    write_record(new_record, record | {"status": status}, [new_history])
    records, histories = list(files.records), list(files.histories)
    records[place], histories[place] = str(new_record), str(new_history)
    return files._replace(records=records, histories=histories)


def test_a_diverged_run_is_left_out_and_the_legend_says_so(frozen, tmp_path):
    files = changed(frozen(*NETWORKS), 1, tmp_path, "diverged", epochs=4)
    picture = draw(FIGURE, files)
    alone = history(files.histories[0], "validation_cost")
    shown = line_of(picture.axes[1], "StandardNet, validation").get_ydata()
    np.testing.assert_allclose(shown, alone)
    assert legend(picture)[:2] == ["StandardNet (1 of 2 runs)", "RK4Net"]
    assert "a run stops early" not in legend(picture)


def test_a_line_without_any_run_is_in_the_legend_still(frozen, tmp_path):
    files = changed(frozen(*NETWORKS), 0, tmp_path / "0", "diverged")
    picture = draw(FIGURE, changed(files, 1, tmp_path / "1", "diverged"))
    assert legend(picture)[:2] == ["StandardNet (0 of 2 runs)", "RK4Net"]
    assert not len(line_of(picture.axes[0], "StandardNet, validation").get_xdata())


def test_all_runs_diverged(frozen, tmp_path):
    files = changed(frozen(NETWORKS[0]), 0, tmp_path / "0", "diverged")
    picture = draw(FIGURE, changed(files, 1, tmp_path / "1", "diverged"))
    assert legend(picture)[0] == "StandardNet (0 of 2 runs)"
    picture.draw_without_rendering()


def test_a_run_that_stops_early_counts_as_far_as_it_goes_and_is_marked(frozen, tmp_path):
    files = changed(frozen(*NETWORKS), 3, tmp_path, "stopped", epochs=7)
    picture = draw(FIGURE, files)
    runs = [history(path, "validation_accuracy_percent") for path in files.histories[2:]]
    expected = [statistics.mean(pair) for pair in zip(*runs, strict=False)] + runs[0][8:]
    line = line_of(picture.axes[0], "RK4Net, validation")
    np.testing.assert_allclose(line.get_ydata(), expected)
    crosses = [
        (int(x), y)
        for mark in picture.axes[0].lines
        if mark.get_marker() == "x"
        for x, y in mark.get_xydata()
    ]
    assert (7, pytest.approx(expected[7])) in crosses
    assert {x for x, _ in crosses} == {7}
    assert legend(picture)[-1] == "a run stops early"


def test_runs_that_all_stop_together_have_one_mark_each_line(frozen, tmp_path):
    files = changed(frozen(NETWORKS[0]), 0, tmp_path / "0", "stopped", epochs=7)
    files = changed(files, 1, tmp_path / "1", "stopped", epochs=7)
    picture = draw(FIGURE, files)
    assert "a run stops early" in legend(picture)
    line = line_of(picture.axes[0], "StandardNet, validation")
    assert line.get_xdata()[-1] == 7
    marks = [m for m in picture.axes[0].lines if m.get_marker() == "x" and len(m.get_xdata())]
    assert {tuple(mark.get_xdata()) for mark in marks} == {(7,)}
    assert line.get_ydata()[-1] in [mark.get_ydata()[0] for mark in marks]


def test_the_band_of_a_single_run_has_no_width(frozen):
    picture = draw(FIGURE, frozen(NETWORKS[0], seeds=(0,)))
    assert all(low == high for band in bands(picture.axes[0]) for low, high in band)


def test_the_colour_of_a_band_is_its_lines(picture):
    colours = {tuple(band.get_facecolor()[0, :3]) for band in picture.axes[0].collections}
    assert colours == {to_rgba(LINES[i]["color"])[:3] for i in (0, 1)}


def test_lines_are_called_by_what_tells_them_apart():
    from rknet.cell import AXES, Cell

    def names(*cells):
        frame = pd.DataFrame([{axis: getattr(cell, axis) for axis in AXES} for cell in cells])
        return named(frame).tolist()

    one = Cell("donut_1d", "RK4Net", 16, 5)
    assert names(one) == ["RK4Net"]
    assert names(one, Cell("donut_1d", "RK4Net", 16, 5, "relu")) == ["tanh", "relu"]
    deeper = Cell("donut_1d", "RK4Net", 16, 20)
    assert names(one, deeper) == ["L = 5", "L = 20"]
    other = Cell("donut_1d", "StandardNet", 16, 20)
    assert names(one, other) == ["RK4Net", "StandardNet"]
    assert names(one, deeper, other) == ["RK4Net, L = 5", "RK4Net, L = 20", "StandardNet, L = 20"]
    assert names(one, Cell("donut_1d", "RK4Net", 8, 5)) == ["d̂ = 16", "d̂ = 8"]
    slower = Cell("donut_2d", "RK4Net", 16, 5, batch_size=50)
    assert names(one, slower) == ["donut 1D, batch size 5", "donut 2D, batch size 50"]


def test_the_mean_does_not_mind_the_order_of_runs(frozen):
    from rknet.study.frames import curves

    histories = frozen(*NETWORKS).histories
    frames = [curves(runs) for runs in (histories, histories[::-1])]
    key = ["line", "split", "metric", "epoch"]
    one, other = (
        mean_over_runs(frame.assign(line=named(frame))).sort_values(key, ignore_index=True)
        for frame in frames
    )
    pd.testing.assert_frame_equal(one, other)


def test_nothing_is_cut_off_at_the_edge(picture, within_page):
    within_page(picture)
