"""The style: colours that everyone can tell apart, and files that do not change by themselves."""

import itertools

import matplotlib as mpl
import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from rknet.show.figures.style import (
    CLASS_COLOURS,
    CLASS_MARKERS,
    LINES,
    PAGE,
    legend_above,
    lines_of,
    page,
    save,
    styled,
)
from rknet.show.figures.views import Grid, equal_limits, show_points

#: Distance in CAM02-UCS, of which 1 is just noticeable side by side; marks lie apart.
FAR_ENOUGH = 15
#: How far the paper's colours may be turned and still be called so: hue angle in CIECAM02.
HUES = {"blue": 262, "red": 35, "yellow": 93, "green": 150, "magenta": 340, "cyan": 220}
SIGHTS = ("normal", "deuteranomaly", "protanomaly", "tritanomaly")


def rgb(colours):
    return np.array([mpl.colors.to_rgb(colour) for colour in colours])


def seen(colours, sight):
    """Colours as a wholly colour-blind eye of a kind sees them, for normal eyes."""
    if sight == "normal":
        return rgb(colours)
    space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
    return np.clip(cspace_convert(rgb(colours), space, "sRGB1"), 0, 1)


def nearest(colours, sight):
    pairs = itertools.combinations(seen(colours, sight), 2)
    return min(deltaE(a, b, input_space="sRGB1") for a, b in pairs)


def lightness(colours):
    return cspace_convert(rgb(colours), "sRGB1", "CIELab")[:, 0]


@pytest.mark.parametrize("sight", SIGHTS)
def test_everyone_can_tell_the_classes_apart(sight):
    assert nearest(CLASS_COLOURS[:6], sight) > FAR_ENOUGH


@pytest.mark.parametrize("sight", SIGHTS)
def test_everyone_can_tell_the_lines_apart(sight):
    assert nearest([line["color"] for line in LINES], sight) > FAR_ENOUGH


@pytest.mark.parametrize("sight", SIGHTS)
def test_no_two_of_ten_classes_look_the_same(sight):
    assert nearest(CLASS_COLOURS, sight) > FAR_ENOUGH / 2


def test_the_classes_have_the_papers_colours():
    hues = cspace_convert(rgb(CLASS_COLOURS[:6]), "sRGB1", "JCh")[:, 2]
    away = (hues - np.array(list(HUES.values())) + 180) % 360 - 180
    assert np.abs(away).max() < 20


def test_classes_differ_in_grey():
    grey = lightness(CLASS_COLOURS)
    assert abs(grey[0] - grey[1]) > 15, "two classes are what most figures show"
    assert np.diff(np.sort(grey[:6])).min() > 4
    assert grey[:6].max() < 85, "yellow can be seen on white"


def test_lines_can_be_seen_on_white():
    assert lightness([line["color"] for line in LINES]).max() < 70


def test_marks_differ():
    assert len(set(CLASS_MARKERS)) == len(CLASS_COLOURS) == len(set(CLASS_COLOURS)) == 10
    assert len({line["marker"] for line in LINES}) == len(LINES)


def test_a_network_has_the_same_line_everywhere():
    few, many = lines_of(["RK4Net"]), lines_of(["StandardNet", "EulerNet", "RK4Net"])
    assert few["RK4Net"] == many["RK4Net"]
    with_own = lines_of(["MyNet", "RK4Net"])
    assert with_own["RK4Net"] == few["RK4Net"]
    assert with_own["MyNet"] not in many.values()


def test_other_lines_take_the_looks_in_order():
    assert list(lines_of(["tanh", "relu", "tanh"]).values()) == list(LINES[:2])
    assert len(lines_of(range(20))) == 20


@pytest.mark.parametrize(("names", "columns"), [(3, 3), (12, 4)])
def test_a_legend_has_as_many_columns_as_fit(names, columns, within_page):
    with styled():
        figure = page(height=2)
        figure.subplots()
        handles = [Line2D([], [], label=f"a network called {i:03}") for i in range(names)]
        legend_above(figure, handles)
    (legend,) = figure.legends
    assert legend._ncols == columns
    within_page(figure)


def plain() -> Figure:
    with styled():
        figure = page(height=2)
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], **LINES[0])
        axes.set_title(r"$\beta_1$")
    return figure


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        save(plain(), tmp_path / name)
    for suffix in (".pdf", ".png"):
        assert (tmp_path / f"first{suffix}").read_bytes() == (
            tmp_path / f"second{suffix}"
        ).read_bytes()


def panels() -> Figure:
    """Panels in places of their own, in two dimensions and in three."""
    with styled():
        grid = Grid(2, ["one side"])
        for column, dimension in enumerate((2, 3)):
            points = np.random.default_rng(dimension).standard_normal((40, dimension))
            axes = grid.axes(0, column, equal_limits(points))
            show_points(axes, points, np.arange(40) % 2)
            grid.title(0, column, f"{dimension} dimensions")
    return grid.picture


def spaces() -> Figure:
    """Axes in three dimensions whose places are left to the layout."""
    with styled():
        figure = page(height=3)
        for place in (1, 2):
            axes = figure.add_subplot(1, 2, place, projection="3d")
            axes.scatter(*np.eye(3))
            axes.set(title=f"space {place}", xlabel="$x_1$", zlabel="$x_3$")
    return figure


@pytest.mark.parametrize("draw", [plain, panels, spaces])
def test_files_are_those_that_matplotlib_would_write(draw, tmp_path):
    save(draw(), tmp_path / "figure")
    figure = draw()
    with styled():
        figure.savefig(tmp_path / "its.pdf", metadata={"CreationDate": None})
        figure.savefig(tmp_path / "its.png")
    for suffix in (".pdf", ".png"):
        assert (tmp_path / f"figure{suffix}").read_bytes() == (
            tmp_path / f"its{suffix}"
        ).read_bytes()


def test_files_have_the_style_though_saved_outside_of_it(tmp_path):
    figure = plain()
    save(figure, tmp_path / "figure")
    width, height = (int(side) for side in figure.get_size_inches() * 220)
    assert mpl.image.imread(tmp_path / "figure.png").shape[:2] == (height, width)
    assert width == PAGE * 220
    pdf = (tmp_path / "figure.pdf").read_bytes()
    assert b"/Type42" in pdf or b"/CIDFontType2" in pdf, "fonts are embedded as TrueType"
    assert b"/Type3" not in pdf


def test_the_style_ends_with_its_block():
    before = dict(mpl.rcParams)
    with styled():
        assert mpl.rcParams["font.size"] == 8
    assert dict(mpl.rcParams) == before
