"""Figure 16: principal components of output features, run by run."""

import numpy as np
import pytest
from image_runs import DEEP, SHALLOW, files
from matplotlib.colors import to_rgb
from of_a_kind import of_a_kind
from scipy.linalg import orthogonal_procrustes

from rknet import datasets
from rknet.show.figures.drawing import draw
from rknet.show.figures.style import CLASS_COLOURS
from rknet.study.outputs import load

FIGURE = of_a_kind("output_features")


@pytest.mark.mpl_image_compare
def test_picture(tmp_path):
    return draw(FIGURE, files(tmp_path, SHALLOW, DEEP))


def test_the_points_are_the_principal_components(tmp_path):
    given = files(tmp_path, SHALLOW, DEEP)
    picture = draw(FIGURE, given)
    labels = datasets.draw("digits", 0, {}).validation.labels
    assert len(picture.axes) == 2
    views = []
    for axes, outputs in zip(picture.axes, given.outputs, strict=True):
        y = load(outputs, len(labels)).features
        _, _, directions = np.linalg.svd(y - y.mean(axis=0), full_matrices=False)
        wanted = (y - y.mean(axis=0)) @ directions[:3].T
        (dots,) = axes.collections
        views.append(np.asarray(np.column_stack(dots._offsets3d)))
        # Up to a rotation.
        np.testing.assert_allclose(views[-1] @ views[-1].T, wanted @ wanted.T, atol=1e-3)
    # The first view has principal axes; the second is turned to be as near to it as may be.
    np.testing.assert_allclose(np.cov(views[0].T) * (1 - np.eye(3)), 0, atol=1e-4)
    turn, _ = orthogonal_procrustes(views[1], views[0])
    np.testing.assert_allclose(turn, np.eye(3), atol=1e-5)
    assert {to_rgb(colour) for colour in CLASS_COLOURS} == {
        tuple(colour) for colour in dots.get_facecolor()[:, :3]
    }


def test_runs_are_named_and_their_accuracy_given(tmp_path):
    picture = draw(FIGURE, files(tmp_path, SHALLOW, DEEP))
    texts = [text.get_text() for text in picture.texts if text.get_text()]
    right = 100 * (1 - 299 / 897)
    assert texts == [
        f"StandardNet, L = 5, seed 0: accuracy {right:.1f} %",
        f"RK4Net, L = 100, seed 0: accuracy {right:.1f} %",
    ]


def test_a_diverged_run_is_said(tmp_path):
    picture = draw(FIGURE, files(tmp_path, SHALLOW, DEEP, status="diverged"))
    assert [text.get_text() for text in picture.texts].count("diverged") == 2
    assert not picture.axes


def test_a_damaged_file_is_named(tmp_path):
    given = files(tmp_path, DEEP)
    (tmp_path / "0.npz").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"0\.npz is not what the run wrote"):
        draw(FIGURE, given)
    (tmp_path / "0.json").write_text("{}")
    with pytest.raises(ValueError, match=r"0\.json is no record of a result"):
        draw(FIGURE, given)
