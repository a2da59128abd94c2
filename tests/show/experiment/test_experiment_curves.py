"""An experiment's curves: which lines stand in which panel, and that they are the runs' means."""

import re
from dataclasses import replace

import numpy as np
import pytest
from grids import CELL, EPOCHS, cells, curves
from hypothesis import given, settings
from hypothesis import strategies as st

from rknet.cell import AXES
from rknet.show.experiment.curves import draw_curves
from rknet.show.experiment.panels import MOST_LINES, MOST_PANELS, caption, panels
from rknet.show.figures.style import save
from rknet.study.grids import expand

DEPTHS = expand({"dataset": "spiral", "network": ["StandardNet", "RK4Net"], "width": 4,
                 "depth": [1, 2, 5, 10]})  # fmt: skip
#: More panels than there is room for.
MANY = expand({"dataset": "spiral", "network": "RK4Net", "width": 4, "depth": list(range(1, 10)),
               "learning_rate": [0.1 / n for n in range(1, 9)]})  # fmt: skip


@pytest.mark.mpl_image_compare
def test_picture():
    return draw_curves(curves(list(DEPTHS), 3, diverged=[(0, 0)], stopped=[(1, 2), (4, 0)]))


def titles(picture):
    return [axes.get_title(loc="left") for axes in picture.axes if axes.get_ylabel() != "cost"]


def drawn_lines(axes):
    """The lines of a panel that have points, by what they are called; not the crosses."""
    return {line.get_label().removesuffix(", validation"): line for line in axes.lines
            if line.get_linestyle() != "None" and len(line.get_xdata())}  # fmt: skip


@given(cells(most=150))
def test_every_line_is_in_one_panel_or_left_out(found):
    split = panels(found)
    everything = [*split.shown.values(), *split.left_out.values()]
    assert sorted(repr(cell) for panel in everything for cell in panel) == sorted(map(repr, found))
    assert len(split.shown) <= MOST_PANELS
    assert bool(split.left_out) == (len(everything) > MOST_PANELS)
    for panel in everything:
        assert 1 <= len(panel) <= MOST_LINES
        assert len(set(panel.values())) == len(panel), "lines of a panel have names of their own"
        if len(found) > MOST_LINES:
            assert len({cell.dataset for cell in panel}) == 1, "costs on datasets do not compare"
    said = caption(found, [2] * len(found))
    if split.left_out:
        assert f"{MOST_PANELS} of {len(everything)} panels are shown" in said
        assert f"{len(split.left_out)} " in said
    else:
        assert "no room" not in said


@given(found=cells(most=30), seeds=st.integers(1, 2), data=st.data())
@settings(max_examples=8)
def test_any_grid_is_drawn(found, seeds, data):
    pairs = st.tuples(st.integers(0, len(found) - 1), st.integers(0, seeds - 1))
    gone, early = (data.draw(st.sets(pairs, max_size=3)) for _ in "ab")
    picture = draw_curves(curves(found, seeds, diverged=gone, stopped=early))
    split = panels(found)
    rows = [axes for axes in picture.axes if axes.get_ylabel() == "accuracy (%)"]
    assert len(rows) == len(split.shown)
    places = {cell: place for place, cell in enumerate(found)}
    for axes, panel in zip(rows, split.shown.values(), strict=True):
        trained = {name for cell, name in panel.items()
                   if not all((places[cell], seed) in gone for seed in range(seeds))}  # fmt: skip
        assert set(drawn_lines(axes)) == trained


def test_lines_are_means_and_bands_standard_deviations():
    runs = curves(list(DEPTHS), seeds=3)
    picture = draw_curves(runs)
    plain = runs[runs["split"] == "validation"]
    panel = panels(DEPTHS).shown
    for place, metric in enumerate(("accuracy_percent", "cost")):
        for row, lines in enumerate(panel.values()):
            axes = picture.axes[2 * row + place]
            shown = drawn_lines(axes)
            for cell, name in lines.items():
                here = np.logical_and.reduce([plain[a] == getattr(cell, a) for a in AXES])
                values = plain[here & (plain["metric"] == metric)].groupby("epoch")["value"]
                np.testing.assert_allclose(shown[name].get_ydata(), values.mean())
                np.testing.assert_array_equal(shown[name].get_xdata(), range(EPOCHS + 1))
                colour = shown[name].get_color()
                ends = [(values.mean() + sign * values.std(ddof=0)).max() for sign in (-1, 1)]
                tops = [band.get_paths()[0].vertices[:, 1].max() for band in axes.collections]
                assert any(np.isclose(top, ends[1]) for top in tops), colour


def test_panels_by_dataset_and_one_legend():
    found = expand({"dataset": ["spiral", "my_moons"], "network": ["StandardNet", "RK4Net"],
                    "width": 4, "depth": [1, 2]})  # fmt: skip
    picture = draw_curves(curves(list(found)))
    assert titles(picture) == ["spiral", "my_moons"]
    (legend,) = picture.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        *("StandardNet, L = 1", "StandardNet, L = 2", "RK4Net, L = 1", "RK4Net, L = 2")
    ]


def test_few_lines_share_a_panel_unless_datasets_differ():
    assert list(panels(DEPTHS[:6]).shown) == [""]
    assert list(panels([CELL]).shown.values()) == [{CELL: "RK4Net"}]
    # One line a dataset: side by side they say more.
    apart = [replace(CELL, dataset=name) for name in ("spiral", "donut_2d")]
    assert list(panels(apart).shown.values()) == [
        dict(zip(apart, ("spiral", "donut 2D"), strict=True))
    ]


def test_many_lines_are_split_by_what_makes_fewest_panels():
    assert list(panels(DEPTHS).shown) == ["StandardNet", "RK4Net"]


def test_what_is_left_out_is_spread_over_all_and_named_if_it_is_little():
    found = panels(MANY)
    assert len(found.shown) == MOST_PANELS
    deep = expand({"dataset": "spiral", "network": "RK4Net", "width": 4,
                   "depth": list(range(1, 10)), "activation": ["tanh", "relu"],
                   "lift": ["random", "zeros"]})  # fmt: skip
    split = panels(deep)
    assert list(split.left_out) == ["L = 8"]
    assert "8 of 9 panels are shown; there is no room for 1 more: L = 8." in caption(deep, [2] * 9)


def test_panels_of_different_lines_have_legends_of_their_own():
    found = expand(
        {"dataset": "spiral", "network": "RK4Net", "width": 4, "depth": 3},
        [{"network": "StandardNet", "depth": [1, 2, 4, 5]},
         {"learning_rate": [0.1, 0.2, 0.5]}],
    )  # fmt: skip
    picture = draw_curves(curves(list(found)))
    legends = [axes.get_legend() for axes in picture.axes if axes.get_legend()]
    assert [[text.get_text() for text in legend.get_texts()] for legend in legends] == [
        ["L = 1", "L = 2", "L = 4", "L = 5"],
        ["learning rate 0.1", "learning rate 0.2", "learning rate 0.5"],
    ]
    # What is the same in one panel only stands in its title.
    assert titles(picture)[0] == "StandardNet, learning rate 0.001"


def test_runs_that_are_in_no_mean_are_said():
    picture = draw_curves(curves(list(DEPTHS[:3]), 3, diverged=[(0, 0), (0, 1)], stopped=[(1, 2)]))
    assert titles(picture)[0] == "over fewer runs: L = 1 (1 of 3)"
    assert picture.legends[0].get_texts()[-1].get_text() == "a run stops early"


def test_all_runs_diverged():
    gone = [(place, seed) for place in range(8) for seed in range(2)]
    picture = draw_curves(curves(list(DEPTHS), diverged=gone))
    assert all("0 of 2" in title for title in titles(picture))


def test_an_accuracy_has_no_room_above_all():
    picture = draw_curves(curves(list(DEPTHS), seeds=2))
    for axes in picture.axes:
        assert axes.get_ylim()[0] >= 0
        if axes.get_ylabel() == "accuracy (%)":
            assert axes.get_ylim()[1] <= 101


def test_the_caption_says_what_all_have_in_common():
    said = caption(DEPTHS, [2] * len(DEPTHS))
    assert "means over 2 repetitions" in said
    assert "dataset spiral, d̂ = 4" in said
    assert "one run each" in caption(DEPTHS, [1] * len(DEPTHS))
    assert "means over 1 to 3 repetitions" in caption(DEPTHS, [3, *[1] * (len(DEPTHS) - 1)])


def test_the_same_curves_give_the_same_bytes(tmp_path):
    runs = curves(list(DEPTHS))
    for name in ("one", "other"):
        save(draw_curves(runs), tmp_path / name)
    for suffix in ("png", "pdf"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (
            tmp_path / f"other.{suffix}"
        ).read_bytes()


@pytest.mark.parametrize("found", [DEPTHS, MANY, [CELL]], ids=["panels", "many", "one"])
def test_nothing_is_cut_off_at_the_edge(found, within_page):
    within_page(draw_curves(curves(list(found))))


def test_no_title_is_wider_than_the_page():
    long = [replace(cell, network=f"ANetworkOfAnExtraordinarilyLongName{n}") for cell in DEPTHS
            for n in range(3)]  # fmt: skip
    picture = draw_curves(curves(long, diverged=[(place, 0) for place in range(len(long))]))
    picture.draw_without_rendering()
    for axes in picture.axes:
        box = axes.get_window_extent()
        assert box.width > 0.15 * picture.bbox.width, "panels keep their room"
    assert re.search("over fewer runs", titles(picture)[0].replace("\n", " "))
