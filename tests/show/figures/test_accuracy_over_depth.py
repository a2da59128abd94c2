"""Accuracy over depth: means, intervals and published numbers where they belong."""

import itertools
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from of_a_kind import of_a_kind

from rknet.cell import AXES, Cell
from rknet.show.figures.drawing import draw as draw_figure
from rknet.show.figures.figure import Files
from rknet.show.figures.style import LINES
from rknet.show.paper import load_paper
from rknet.study.comparison import compare

PUBLICATION = load_paper().publication
DEPTHS = (1, 5, 100)
NETWORKS = ("StandardNet", "RK4Net")
#: Accuracy of two repetitions, by network, depth and lift; near 100 % an interval must be cut.
VALUES = {
    (network, depth, lift, seed): 75 + 9 * i + 5 * j + 2 * k + 1.5 * seed
    for (i, network), (j, depth), (k, lift), seed in itertools.product(
        enumerate(NETWORKS), enumerate(DEPTHS), enumerate(("random", "zeros")), (0, 1)
    )
}


def metrics(seeds=(0, 1), **changes):
    rows = []
    for (network, depth, lift, seed), value in VALUES.items():
        cell = Cell(**{"dataset": "spiral", "network": network, "width": 16, "depth": depth,
                       "lift": lift} | changes)  # fmt: skip
        setting = {axis: getattr(cell, axis) for axis in AXES}
        for split, worse in (("training", 0), ("validation", 3)):
            row = {"seed": seed, "status": "completed", "last_epoch": 40, "split": split}
            for metric, number in (("accuracy_percent", value - worse), ("cost", 0.1)):
                rows.append({**setting, **row, "metric": metric, "value": number})
    frame = pd.DataFrame(rows)
    return frame[frame["seed"].isin(seeds)].drop_duplicates([*AXES, "seed", "split", "metric"])


@pytest.fixture(scope="module")
def published(published_path):
    return pd.read_csv(published_path)


def draw(metrics, published):
    with TemporaryDirectory() as folder:
        paths = [f"{folder}/{name}.csv" for name in ("metrics", "published")]
        for frame, path in zip((metrics, published), paths, strict=True):
            frame.to_csv(path, index=False)
        files = Files(metrics=paths[:1], published=paths[1:])
        figure = of_a_kind("accuracy_over_depth", edition="journal", table=1)
        return draw_figure(figure, files, publication=PUBLICATION)


@pytest.fixture(scope="module")
def picture(published):
    return draw(metrics(), published)


@pytest.mark.mpl_image_compare
def test_picture(published):
    return draw(metrics(), published)


PANELS = list(itertools.product(("random", "zeros"), ("training", "validation")))


def line_of(axes, name):
    (line,) = (line for line in axes.lines if line.get_label() == name)
    return line


@pytest.mark.parametrize(("place", "panel"), list(enumerate(PANELS)))
def test_lines_are_means(picture, place, panel):
    lift, split = panel
    worse = {"training": 0, "validation": 3}[split]
    for network in NETWORKS:
        line = line_of(picture.axes[place], network)
        expected = [
            np.mean([VALUES[network, depth, lift, seed] for seed in (0, 1)]) - worse
            for depth in DEPTHS
        ]
        np.testing.assert_allclose(line.get_ydata(), expected)
        np.testing.assert_array_equal(np.round(line.get_xdata()), range(len(DEPTHS)))


def bars_of(axes):
    """The ends of bars, (depths, 2), by network."""
    bars = [bar for bar in axes.collections if len(bar.get_segments()) == len(DEPTHS)]
    return {
        network: np.array([segment[:, 1] for segment in bar.get_segments()])
        for network, bar in zip(NETWORKS, bars, strict=True)
    }


@pytest.mark.parametrize(("place", "panel"), list(enumerate(PANELS)))
def test_a_bar_is_the_interval_in_which_a_star_is_consistent(picture, published, place, panel):
    lift, split = panel
    judged = compare(published, metrics(), PUBLICATION)
    assert set(judged["verdict"]) == {"consistent", "inconsistent"}
    judged = judged[(judged["edition"] == "journal") & (judged["table"] == 1)]
    judged = judged[(judged["lift"] == lift) & (judged["split"] == split)]
    rounding = PUBLICATION.rounding["accuracy_percent"]
    axes = picture.axes[place]
    for look, network in zip(LINES, NETWORKS, strict=False):
        ends, stands = bars_of(axes)[network], np.array(stars(axes, look["color"]))[:, 1]
        low, high = ends[:, 0] - rounding, ends[:, 1] + rounding
        verdicts = judged[judged["network"] == network].set_index("depth")["verdict"]
        within = np.where((low <= stands) & (stands <= high), "consistent", "inconsistent")
        assert within.tolist() == verdicts[list(DEPTHS)].tolist()


def test_bars_are_within_what_is_possible(picture):
    for axes in picture.axes:
        for ends in bars_of(axes).values():
            assert (ends >= 0).all()
            assert (ends <= 100).all()
            assert (np.diff(ends) > 0).all()


def test_means_off_the_protocol_have_neither_star_nor_bar(published):
    picture = draw(metrics(epochs=7), published)
    assert legend(picture) == list(NETWORKS)
    both = draw(pd.concat([metrics(epochs=7), metrics()]), published)
    assert legend(both)[-1] == "published"
    for axes in both.axes:
        for look, colour in enumerate(line["color"] for line in LINES[:4]):
            # The lines of the protocol come after the others.
            assert len(stars(axes, colour)) == (len(DEPTHS) if look > 1 else 0)


def test_nothing_is_cut_off(picture):
    for axes in picture.axes:
        low, high = axes.get_ylim()
        shown = [y for line in axes.lines for y in line.get_ydata()]
        shown += [y for bar in axes.collections for ends in bar.get_segments() for _, y in ends]
        assert low < min(shown)
        assert max(shown) <= 100 < high


def stars(axes, colour):
    return [
        tuple(point)
        for line in axes.lines
        if line.get_marker() == "*" and line.get_color() == colour
        for point in line.get_xydata()
        if np.isfinite(point).all()
    ]


@pytest.mark.parametrize(("place", "panel"), list(enumerate(PANELS)))
def test_published_numbers_stand_at_their_depth(picture, place, panel):
    printed = {
        "training": {"StandardNet": (92.73, 98.12, 50.67), "RK4Net": (75.60, 97.90, 99.95)},
        "validation": {"StandardNet": (91.88, 98.10, 49.33), "RK4Net": (75.12, 97.33, 99.75)},
    }[panel[1]]
    for look, network in zip(LINES, NETWORKS, strict=False):
        points = stars(picture.axes[place], look["color"])
        assert [round(x) for x, _ in points] == [0, 1, 2]
        np.testing.assert_allclose([y for _, y in points], printed[network])


def test_panels_share_axes_and_say_what_they_show(picture):
    assert [axes.get_title() for axes in picture.axes] == [
        "training, frozen random lift",
        "validation, frozen random lift",
        "training, padding by zeros",
        "validation, padding by zeros",
    ]
    assert len({axes.get_ylim() for axes in picture.axes}) == 1
    labels = [text.get_text() for text in picture.axes[2].get_xticklabels()]
    assert labels == [str(depth) for depth in DEPTHS]


def legend(picture):
    return [text.get_text() for text in picture.legends[0].get_texts()]


def test_legend(picture):
    assert legend(picture) == [*NETWORKS, "published"]


def test_without_a_published_setting(published):
    picture = draw(metrics(width=7), published)
    assert legend(picture) == list(NETWORKS)
    assert not any(stars(axes, look["color"]) for axes in picture.axes for look in LINES)


def test_one_lift_has_one_row(published):
    assert len(draw(metrics(lift="random"), published).axes) == 2


@pytest.mark.filterwarnings("error")
def test_one_repetition_has_no_interval(published, tmp_path):
    picture = draw(metrics(seeds=(0,)), published)
    picture.savefig(tmp_path / "figure.png")
    for bars in picture.axes[0].collections:
        assert not any(
            np.isfinite(segment).all() and len(segment) for segment in bars.get_segments()
        )


def test_a_mean_without_diverged_runs_is_hollow(published):
    frame = metrics()
    chosen = (frame["network"] == "RK4Net") & (frame["depth"] == 5) & (frame["seed"] == 1)
    frame = frame.assign(value=frame["value"].mask(chosen))
    picture = draw(frame, published)
    (x, y) = next(
        line.get_xydata()[0]
        for line in picture.axes[0].lines
        if line.get_markerfacecolor() == "white" and len(line.get_xdata())
    )
    assert (round(x), y) == (1, VALUES["RK4Net", 5, "random", 0])
    assert legend(picture)[-1] == "without diverged runs"


def test_another_axis_that_varies_is_in_the_name(published):
    frame = pd.concat([metrics(), metrics(activation="relu")])
    assert legend(draw(frame, published)) == [
        "StandardNet, tanh",
        "RK4Net, tanh",
        "StandardNet, relu",
        "RK4Net, relu",
        "published",
    ]


def test_nothing_is_cut_off_at_the_edge(picture, within_page):
    within_page(picture)
