"""Panels of trained networks: what is drawn is what the networks say."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from mpl_toolkits.mplot3d import Axes3D
from of_a_kind import of_a_kind
from safetensors.numpy import save_file
from scipy.linalg import orthogonal_procrustes
from trained_runs import ANODE, LIFTED, NODE, joined, untrained, with_datasets

from rknet import datasets
from rknet.cell import Cell
from rknet.show.figures import style, views
from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import Files
from rknet.show.figures.kinds import panels
from rknet.show.figures.trained import read_all
from rknet.study.features import features
from rknet.study.recording import write_record
from rknet.study.records import read_record

KINDS = ("trajectories", "transformation", "pca_3d", "pca_2d", "prediction")


@pytest.fixture(scope="module")
def files(frozen, tmp_path_factory):
    folder = tmp_path_factory.mktemp("datasets")
    return lambda *cells, seeds=(0,): with_datasets(frozen(*cells, seeds=seeds), folder)


def trained(files):
    return read_all(files.records, files.parameters, files.datasets)


def picture(files: Files, *kinds: str, across: bool = False):
    return draw(of_a_kind("panels", panels=kinds, runs_across=across), files)


def texts(shown):
    return [text.get_text() for text in shown.texts if text.get_text()]


def points_of(axes):
    """All points of a panel in order, with the index of their class's colour."""
    found = []
    for marks in axes.collections:
        if isinstance(axes, Axes3D):
            x, colours = np.ma.stack(marks._offsets3d).T, marks._facecolors
        else:
            x, colours = marks.get_offsets(), marks.get_facecolors()
        colours = np.broadcast_to(colours[:, :3], (len(x), 3))
        palette = np.array([to_rgb(colour) for colour in style.CLASS_COLOURS])
        classes = np.abs(colours[:, None] - palette).sum(axis=2).argmin(axis=1)
        found += [(*map(float, point), int(k)) for point, k in zip(x, classes, strict=True)]
    return np.array(sorted(found))


def expected(points, labels):
    return np.array(sorted((*map(float, p), int(k)) for p, k in zip(points, labels, strict=True)))


@pytest.mark.mpl_image_compare
def test_picture(files):
    return picture(files(NODE, ANODE), "trajectories", "transformation", "prediction")


@pytest.mark.mpl_image_compare
def test_picture_across(files):
    return picture(files(LIFTED, seeds=(0, 1)), "pca_3d", "pca_2d", across=True)


def test_prediction_shows_predicted_classes(files):
    shown = picture(files(NODE, ANODE), "prediction")
    for axes, run in zip(shown.axes, trained(files(NODE, ANODE)), strict=True):
        np.testing.assert_allclose(points_of(axes), expected(run.validation.x, run.predicted))
        assert axes.get_xlim() == axes.get_ylim() == (-4, 4)
    accuracies = [f"accuracy {run.accuracy_percent:.1f} %" for run in trained(files(NODE, ANODE))]
    assert texts(shown) == [
        *("width 2 (NODE), seed 0", "width 3 (ANODE), seed 0"),
        *(f"prediction: {accuracies[0]}", accuracies[1]),
    ]  # fmt: skip


def test_transformation_shows_output_features_by_true_class(files):
    shown = picture(files(NODE, ANODE), "transformation")
    for axes, run in zip(shown.axes, trained(files(NODE, ANODE)), strict=True):
        wanted = expected(run.features[-1], run.validation.labels)
        np.testing.assert_allclose(points_of(axes), wanted)
    assert [isinstance(axes, Axes3D) for axes in shown.axes] == [False, True]


def test_pca_panels_show_principal_components_by_true_class(files):
    (run,) = trained(files(LIFTED))
    y = run.features[-1] - run.features[-1].mean(axis=0)
    axes = np.linalg.svd(y, full_matrices=False)[2]
    axes *= np.sign(axes[range(3), np.abs(axes).argmax(axis=1)])[:, None]
    space, plane = picture(files(LIFTED), "pca_3d", "pca_2d").axes
    for panel, dimensions in ((space, 3), (plane, 2)):
        wanted = expected(y @ axes[:dimensions].T, run.validation.labels)
        np.testing.assert_allclose(points_of(panel), wanted, atol=1e-12)


def test_pca_views_of_networks_that_do_the_same_are_the_same(tmp_path):
    """The second network is the first in other coordinates: other places, and opposite signs."""
    cell = Cell("donut_2d_6c", "RK4Net", 6, 3)
    files = joined(untrained(tmp_path / "first", cell), untrained(tmp_path / "second", cell))
    turn = -np.eye(6)[[3, 0, 5, 1, 2, 4]]
    run, other = trained(files)
    p = run.parameters
    parameters = {
        "lift": turn @ p["lift"], "K": turn @ p["K"] @ turn.T, "b": p["b"] @ turn.T,
        "W": p["W"] @ turn.T, "mu": p["mu"],
    }  # fmt: skip
    save_file({k: np.ascontiguousarray(v) for k, v in parameters.items()}, files.parameters[1])
    write_record(files.records[1], read_record(files.records[1]), files.parameters[1:])
    _, other = trained(files)
    np.testing.assert_allclose(other.features[-1], run.features[-1] @ turn.T, atol=1e-6)
    space, plane, space_again, plane_again = picture(files, "pca_3d", "pca_2d").axes
    np.testing.assert_allclose(points_of(space_again), points_of(space), atol=1e-5)
    np.testing.assert_allclose(points_of(plane_again), points_of(plane), atol=1e-5)
    backgrounds = [axes.images[0].get_array() for axes in (plane, plane_again)]
    np.testing.assert_allclose(*backgrounds, atol=1e-5)


def test_pca_views_of_repetitions_are_turned_by_what_they_make_of_the_same_points(files):
    given = files(LIFTED, seeds=(0, 1))
    first, second = trained(given)
    shown = [points_of(axes) for axes in picture(given, "pca_3d").axes]
    x = first.validation.x
    views = [panels.output_axes(run, (first, second), 3) for run in (first, second)]
    on_the_same = [
        axes.transform(features(run.network, x)[-1])
        for axes, run in zip(views, (first, second), strict=True)
    ]
    turn, _ = orthogonal_procrustes(on_the_same[1], on_the_same[0])
    np.testing.assert_allclose(turn, np.eye(3), atol=1e-9)
    for axes, run, points in zip(views, (first, second), shown, strict=True):
        wanted = expected(axes.transform(run.features[-1]), run.validation.labels)
        np.testing.assert_allclose(points, wanted)


def test_networks_with_other_data_or_fewer_dimensions_have_their_own_axes(tmp_path):
    cells = [Cell("spiral", "RK4Net", 2, 2), Cell("squares", "RK4Net", 4, 2),
             Cell("spiral", "RK4Net", 4, 2)]  # fmt: skip
    runs = trained(untrained(tmp_path, *cells))
    for run in runs:
        y = run.features[-1]
        own = panels.principal_axes(y, min(3, y.shape[1])).components
        np.testing.assert_array_equal(panels.output_axes(run, runs, 3).components, own)


@pytest.mark.parametrize("cell", [NODE, ANODE])
def test_trajectories_are_the_features_of_samples_from_layer_to_layer(files, cell):
    (axes,) = picture(files(cell), "trajectories").axes
    (run,) = trained(files(cell))
    lines, starts, ends = axes.collections
    paths = lines._segments3d if isinstance(axes, Axes3D) else lines.get_segments()
    assert len(paths) == panels.TRAJECTORIES == 50
    for sample, path in enumerate(paths):
        wanted = np.array([y[sample] for y in run.features])
        np.testing.assert_allclose(path, wanted, rtol=1e-12)
    assert starts.get_sizes().max() < ends.get_sizes().min()
    colours = [to_rgb(style.CLASS_COLOURS[k]) for k in run.validation.labels[:50]]
    np.testing.assert_allclose(lines.get_colors()[:, :3], colours)
    for dots, layer in ((starts, 0), (ends, -1)):
        at = np.ma.stack(dots._offsets3d).T if isinstance(axes, Axes3D) else dots.get_offsets()
        np.testing.assert_allclose(np.sort(at, axis=0), np.sort(run.features[layer][:50], axis=0))


def mixed(probabilities):
    colours = np.array([to_rgb(c) for c in style.CLASS_COLOURS])[: len(probabilities)]
    return 1 - views.STRENGTH * (1 - probabilities @ colours)


@pytest.mark.parametrize("place", [(0, 0), (79, 0), (17, 56)])
def test_backgrounds_are_the_class_probabilities(files, place):
    (run,) = trained(files(NODE))
    (lifted,) = trained(files(LIFTED))
    y = lifted.features[-1]
    pca = panels.principal_axes(y, 2)
    of_features = {
        "prediction": (files(NODE), run.probabilities),
        "transformation": (files(NODE), run.output_probabilities),
        "pca_2d": (
            files(LIFTED),
            lambda z: lifted.output_probabilities(z @ pca.components + y.mean(axis=0)),
        ),
    }
    for kind, (given, probabilities) in of_features.items():
        (axes,) = picture(given, kind).axes
        (image,) = axes.images
        assert image.get_array().shape == (80, 80, 3)
        x = [np.linspace(*limits, 80) for limits in (axes.get_xlim(), axes.get_ylim())]
        point = np.array([[x[0][place[0]], x[1][place[1]]]])
        found = image.get_array()[place[1], place[0]]
        np.testing.assert_allclose(found, mixed(probabilities(point)[0]), atol=1e-9)
        # The pixel's middle is the point.
        left, right, bottom, top = image.get_extent()
        middles = (
            left + (place[0] + 0.5) * (right - left) / 80,
            bottom + (place[1] + 0.5) * (top - bottom) / 80,
        )
        np.testing.assert_allclose(middles, point[0], atol=1e-9)


def test_scales_are_equal_and_hold_all_points(files):
    for axes in picture(files(NODE, ANODE), *KINDS[:4]).axes:
        limits = axes.get_w_lims() if isinstance(axes, Axes3D) else axes.axis()
        lengths = np.diff(np.reshape(limits, (-1, 2)), axis=1)
        assert np.ptp(lengths) < 1e-9
        if len(axes.collections) != 3:
            points = points_of(axes)[:, :-1]
            low, high = np.reshape(limits, (-1, 2)).T
            assert (low < points.min(axis=0)).all()
            assert (points.max(axis=0) < high).all()


def test_space_is_looked_at_from_the_same_place(files):
    spaces = [
        axes for axes in picture(files(ANODE, LIFTED), *KINDS).axes if isinstance(axes, Axes3D)
    ]
    assert len(spaces) == 2 * 3
    assert {(axes.elev, axes.azim) for axes in spaces} == {(22, -55)}


def test_three_dimensional_inputs_are_predicted_in_space(tmp_path):
    files = untrained(tmp_path, Cell("squares_3d_4c", "EulerNet", 4, 3))
    (axes,) = picture(files, "prediction").axes
    (run,) = trained(files)
    x = datasets.draw("squares_3d_4c", 0).validation.x
    np.testing.assert_allclose(points_of(axes), expected(x, run.predicted))
    assert axes.get_w_lims() == (-4, 4) * 3


@pytest.mark.parametrize("across", [False, True])
def test_a_diverged_run_is_said_to_have_diverged(tmp_path, across):
    good = untrained(tmp_path, Cell("spiral", "EulerNet", 4, 3))
    bad = untrained(tmp_path, Cell("spiral", "RK4Net", 4, 3), status="diverged")
    shown = picture(joined(bad, good), *KINDS, across=across)
    assert texts(shown).count("diverged") == len(KINDS)
    assert len(shown.axes) == len(KINDS)
    shown.canvas.draw()


def test_features_that_vanish_are_drawn(tmp_path):
    files = untrained(tmp_path, Cell("spiral", "StandardNet", 3, 3, activation="relu"))
    (run,) = trained(files)
    parameters = run.parameters
    parameters["b"][:] = -100
    save_file(parameters, files.parameters[0])
    write_record(files.records[0], read_record(files.records[0]), files.parameters)
    shown = picture(files, *KINDS)
    assert len(shown.axes) == len(KINDS)
    shown.canvas.draw()


def test_rows_say_what_tells_them_apart(tmp_path):
    cells = [
        Cell("spiral", "StandardNet", 4, 3),
        Cell("spiral", "RK4Net", 4, 5),
        Cell("spiral", "RK4Net", 2, 5, lift="zeros", step_size=0.1),
    ]
    runs = trained(untrained(tmp_path, *cells))
    assert panels.run_names(runs[:2]) == ["StandardNet, L = 3, seed 0", "RK4Net, L = 5, seed 0"]
    assert panels.run_names(runs[1:]) == [
        "width 4, random lift, step size 0.05, seed 0",
        "width 2 (NODE), padding by zeros, step size 0.1, seed 0",
    ]


def test_repetitions_are_told_apart_by_their_seed(files):
    assert panels.run_names(trained(files(NODE, seeds=(0, 1)))) == ["seed 0", "seed 1"]


def test_a_single_run_is_named_by_its_seed(files):
    side, title = texts(picture(files(NODE, seeds=(1,)), "prediction"))
    assert side == "seed 1"
    assert title.startswith("prediction: accuracy")


def test_many_runs_go_on_below(tmp_path):
    cells = [Cell("squares", "EulerNet", 2, depth) for depth in range(1, 7)]
    shown = picture(untrained(tmp_path, *cells), "transformation", "prediction", across=True)
    assert len(shown.axes) == 12
    places = np.array([axes.get_position().bounds for axes in shown.axes])
    assert len(set(places[:, 0].round(6))) == panels.ACROSS
    assert len(set(places[:, 1].round(6))) == 4
    assert texts(shown)[:4] == ["output layer", "prediction"] * 2


def test_panels_do_not_overlap(files):
    shown = picture(files(NODE, ANODE), *KINDS)
    boxes = [axes.get_position() for axes in shown.axes]
    for i, box in enumerate(boxes):
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
        assert not any(box.shrunk(0.99, 0.99).overlaps(other) for other in boxes[:i])
    assert shown.get_figwidth() == pytest.approx(style.PAGE)


def test_the_same_runs_give_the_same_bytes(files, tmp_path):
    for name in ("first", "second"):
        style.save(picture(files(LIFTED), *KINDS), tmp_path / name)
    for suffix in ("pdf", "png"):
        first, second = (tmp_path / f"{name}.{suffix}" for name in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
        assert first.stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ([(-4, 4)], [[-4, 0, 4]]),
        ([(0, 1)], [[0, 0.4, 0.8]]),
        ([(-3.1, 3.1), (0.2, 6.4)], [[-2, 0, 2], [2, 4, 6]]),
        ([(-1e-9, 1e-9)], [[-1e-9, 0, 1e-9]]),
    ],
)
def test_numbers_on_axes_are_round_and_few(limits, wanted):
    for found, numbers in zip(views.round_numbers(np.array(limits)), wanted, strict=True):
        np.testing.assert_allclose(found, numbers, atol=1e-15)


def test_points_that_are_one_have_limits():
    np.testing.assert_allclose(views.equal_limits(np.full((5, 2), 3.0)), [(2.5, 3.5)] * 2)
    nearly = 3 + 1e-16 * np.arange(10).reshape(5, 2)
    np.testing.assert_allclose(views.equal_limits(nearly), [(2.5, 3.5)] * 2)
