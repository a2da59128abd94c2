"""Figure 1: the tableaus drawn are those that the networks use."""

from fractions import Fraction

import pytest
from matplotlib.figure import Figure

from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import Files
from rknet.show.figures.kinds.tableaus import _mathtext
from rknet.show.paper import load_paper
from rknet.tableau import SCHEMES


@pytest.fixture
def picture() -> Figure:
    return draw(load_paper().figures["figure1"], Files([], [], [], []))


@pytest.mark.mpl_image_compare
def test_picture(picture):
    return picture


def written(axes):
    return {text.get_position(): text.get_text() for text in axes.texts}


@pytest.mark.parametrize(("place", "name"), [(1, "euler"), (2, "rk4")])
def test_every_coefficient_is_in_its_place(picture, place, name):
    tableau, texts = SCHEMES[name], written(picture.axes[place])
    s = tableau.stages
    for i in range(s):
        assert texts[-0.5, s - i - 0.5] == _mathtext(tableau.c[i])
        assert texts[i + 0.5, -0.5] == _mathtext(tableau.beta[i])
        for j in range(s):
            assert texts[j + 0.5, s - i - 0.5] == _mathtext(tableau.A[i][j])
    assert len(texts) == s * (s + 2)


def test_rk4_is_the_classic_one(picture):
    texts = written(picture.axes[2])
    assert texts[0.5, 2.5] == texts[-0.5, 2.5] == r"$\frac{1}{2}$"
    assert [texts[j + 0.5, -0.5] for j in range(4)] == [
        rf"$\frac{{1}}{{{k}}}$" for k in (6, 3, 3, 6)
    ]


def test_rules_cross_between_nodes_weights_and_matrix(picture):
    for axes, stages in zip(picture.axes, (3, 1, 4), strict=True):
        vertical, horizontal = (line.get_xydata().tolist() for line in axes.lines)
        assert vertical == [[0, -1], [0, stages]]
        assert horizontal == [[-1, 0], [stages, 0]]


def test_titles(picture):
    titles = [axes.get_title() for axes in picture.axes]
    assert titles == ["general form", "forward Euler", "classic RK4"]


def test_numbers_as_text():
    assert _mathtext(Fraction(2)) == "$2$"
    assert _mathtext(Fraction(-1, 3)) == r"$-\frac{1}{3}$"


def test_nothing_is_cut_off_at_the_edge(picture, within_page):
    within_page(picture)
