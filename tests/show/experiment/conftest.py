"""What the tests of experiments share with those of figures."""

import pytest
from matplotlib.figure import Figure

from rknet.show.figures.style import styled


@pytest.fixture
def within_page():
    """A function that checks that nothing a figure says is cut off at its edge."""

    def check(picture: Figure) -> None:
        with styled():
            picture.draw_without_rendering()
            edges = picture.transFigure.inverted()
            for part in (*picture.axes, *picture.legends):
                left, bottom, right, top = part.get_tightbbox().transformed(edges).extents
                assert min(left, bottom) >= 0
                assert max(right, top) <= 1

    return check
