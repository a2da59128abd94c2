"""Features from layer to layer, in panels that can be compared."""

from itertools import pairwise

import numpy as np
import pytest
from of_a_kind import of_a_kind
from scipy import stats
from trained_runs import LIFTED, NODE, joined, untrained, with_datasets

from rknet.cell import Cell
from rknet.show.figures.drawing import draw
from rknet.show.figures.kinds.layers import centred_limits, chosen_layers
from rknet.show.figures.trained import read_all

FIGURE = of_a_kind("layers", layers=3)


def texts(shown):
    return [text.get_text() for text in shown.texts if text.get_text()]


@pytest.fixture(scope="module")
def lifted(frozen, tmp_path_factory):
    return with_datasets(frozen(LIFTED, seeds=(0,)), tmp_path_factory.mktemp("datasets"))


@pytest.mark.mpl_image_compare
def test_picture(lifted):
    return draw(FIGURE, lifted)


@pytest.mark.parametrize(
    ("depth", "number", "wanted"),
    [
        (20, 5, [0, 5, 10, 15, 20]),
        (10, 5, [0, 2, 5, 8, 10]),
        (100, 3, [0, 50, 100]),
        (3, 5, [0, 1, 2, 3]),
        (1, 5, [0, 1]),
    ],
)
def test_layers_are_chosen_evenly(depth, number, wanted):
    assert chosen_layers(depth, number) == wanted


def test_panels_show_the_principal_components_of_their_layer(lifted):
    (run,) = read_all(lifted.records, lifted.parameters, lifted.datasets)
    shown = draw(FIGURE, lifted)
    assert texts(shown) == ["seed 0", "input", "layer 2", "output"]
    for axes, layer in zip(shown.axes, [0, 2, 4], strict=True):
        (marks,) = axes.collections
        found = np.asarray(np.ma.stack(marks._offsets3d)).T
        y = run.features[layer] - run.features[layer].mean(axis=0)
        _, _, components = np.linalg.svd(y, full_matrices=False)
        wanted = y @ components.T
        # Up to a rotation.
        np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, atol=1e-9)


def test_no_panel_jumps_from_the_one_before(lifted):
    """Turned at random, no panel would be nearer to the one before."""
    views = [
        np.asarray(np.ma.stack(a.collections[0]._offsets3d)).T for a in draw(FIGURE, lifted).axes
    ]
    rng = np.random.default_rng(0)
    for before, after in pairwise(views):
        for turn in stats.ortho_group.rvs(3, size=100, random_state=rng):
            assert np.linalg.norm(after - before) <= np.linalg.norm(after @ turn - before)


def test_panels_of_a_row_share_their_limits(tmp_path):
    cells = [Cell("spiral", "StandardNet", 4, 6), Cell("spiral", "RK4Net", 4, 6)]
    axes = draw(FIGURE, untrained(tmp_path, *cells)).axes
    for row in (axes[:3], axes[3:]):
        (limits,) = {panel.get_w_lims() for panel in row}
        assert limits[0] == -limits[1]
        for panel in row:
            (marks,) = panel.collections
            assert np.abs(np.ma.stack(marks._offsets3d)).max() < limits[1]
    # Untrained, a plain network contracts, and it can be seen.
    spread = [np.ptp(np.ma.stack(panel.collections[0]._offsets3d)) for panel in axes[:3]]
    assert spread[2] < 0.1 * spread[0]


def test_rows_of_the_same_layers_are_titled_once(tmp_path):
    cells = [Cell("spiral", "EulerNet", 4, depth) for depth in (6, 2)]
    same = [Cell("spiral", network, 4, 6) for network in ("EulerNet", "RK4Net")]
    assert texts(draw(FIGURE, untrained(tmp_path, *cells))) == [
        "L = 6, seed 0", "L = 2, seed 0", "input", "layer 3", "output", "input", "layer 1", "output"
    ]  # fmt: skip
    assert texts(draw(FIGURE, untrained(tmp_path, *same))) == [
        "EulerNet, seed 0", "RK4Net, seed 0", "input", "layer 3", "output"
    ]  # fmt: skip


def test_features_of_two_dimensions_are_shown_in_a_plane(frozen, tmp_path):
    shown = draw(FIGURE, with_datasets(frozen(NODE, seeds=(0,)), tmp_path))
    assert {axes.name for axes in shown.axes} == {"rectilinear"}


def test_a_diverged_run_is_said_to_have_diverged(tmp_path):
    good = untrained(tmp_path, Cell("spiral", "EulerNet", 4, 3))
    bad = untrained(tmp_path, Cell("spiral", "RK4Net", 4, 3), status="diverged")
    shown = draw(FIGURE, joined(bad, good))
    assert "diverged" in texts(shown)
    assert len(shown.axes) == 3
    shown.canvas.draw()


def test_clouds_that_are_one_point_have_limits():
    np.testing.assert_array_equal(centred_limits([np.zeros((5, 3))]), [(-1, 1)] * 3)
