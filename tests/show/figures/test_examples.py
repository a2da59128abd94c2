"""Figures 14 and 15: the first images, with what they are and what they are taken for."""

import numpy as np
import pytest
from image_runs import DEEP, files
from matplotlib.colors import to_hex
from of_a_kind import of_a_kind

from rknet import datasets
from rknet.show.figures.drawing import draw
from rknet.show.figures.kinds.examples import COLUMNS, ROWS, WRONG

FIGURE = of_a_kind("examples")


@pytest.fixture
def picture(tmp_path):
    return draw(FIGURE, files(tmp_path, DEEP))


@pytest.mark.mpl_image_compare
def test_picture(tmp_path):
    return draw(FIGURE, files(tmp_path, DEEP))


def test_the_first_images_are_shown_as_they_are(picture, within_page):
    validation = datasets.draw("digits", 0, {}).validation
    assert len(picture.axes) == ROWS * COLUMNS
    for place, axes in enumerate(picture.axes):
        shown = np.asarray(axes.images[0].get_array())
        assert (shown == validation.x[place].reshape(8, 8)).all()
        assert axes.get_title() == str(validation.labels[place])
    within_page(picture)


def test_wrong_predictions_are_marked_and_no_others(picture):
    labels = datasets.draw("digits", 0, {}).validation.labels
    for place, axes in enumerate(picture.axes):
        framed = to_hex(axes.spines["left"].get_edgecolor()) == WRONG.lower()
        crossed = axes.get_xlabel().endswith("✗")
        assert framed == crossed == (place % 3 == 0)
        assert f"→ {(labels[place] + crossed) % 10}" in axes.get_xlabel()


def test_a_diverged_run_is_said(tmp_path):
    picture = draw(FIGURE, files(tmp_path, DEEP, status="diverged"))
    assert [text.get_text() for text in picture.texts] == ["seed 0", "diverged"]
    assert not any(axes.images for axes in picture.axes)
