"""Films: their frames, in axes that do not move, and their files."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from trained_runs import ANODE, NODE, untrained, with_datasets

from rknet.cell import Cell
from rknet.show.figures import animation
from rknet.show.figures.figure import MOTIONS
from rknet.show.figures.style import styled
from rknet.show.figures.trained import read_all

FFMPEG = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")


def one(files):
    (run,) = read_all(files.records, files.parameters, files.datasets)
    return run


@pytest.fixture(autouse=True)
def _styled():
    with styled():
        yield


@pytest.fixture
def node(frozen, tmp_path):
    return one(with_datasets(frozen(NODE, seeds=(0,)), tmp_path))


@pytest.fixture
def anode(frozen, tmp_path):
    return one(with_datasets(frozen(ANODE, seeds=(0,)), tmp_path))


def limits(axes):
    return axes.get_w_lims() if axes.name == "3d" else axes.axis()


@pytest.mark.mpl_image_compare
def test_picture(anode):
    film = animation.film("trajectories", anode)
    film.show(2)
    return film.picture


@pytest.mark.parametrize("motion", MOTIONS)
def test_axes_do_not_move_and_hold_every_frame(tmp_path, motion):
    run = one(untrained(tmp_path, Cell("squares", "RK4Net", 5, 6)))
    film = animation.film(motion, run)
    (axes,) = film.picture.axes
    first, place = limits(axes), axes.get_position().bounds
    low, high = np.reshape(first, (-1, 2)).T
    assert film.layers == list(range(7))
    for layer in film.layers:
        film.show(layer)
        film.picture.canvas.draw()
        assert limits(axes) == first
        assert axes.get_position().bounds == place
        dots = np.ma.stack(axes.collections[-1]._offsets3d)
        assert (low < dots.min(axis=1)).all()
        assert (dots.max(axis=1) < high).all()


def test_trajectories_grow_from_layer_to_layer(node):
    film = animation.film("trajectories", node)
    (axes,) = film.picture.axes
    for layer in (0, 3, 1):
        film.show(layer)
        lines, _, ends = axes.collections
        assert {len(path) for path in lines.get_segments()} == {layer + 1}
        np.testing.assert_allclose(ends.get_offsets(), node.features[layer][:50])


def test_transformation_shows_the_features_of_each_layer(node):
    film = animation.film("transformation", node)
    (axes,) = film.picture.axes
    for layer in (0, 4, 2):
        film.show(layer)
        found = np.concatenate([marks.get_offsets() for marks in axes.collections])
        np.testing.assert_allclose(np.sort(found, axis=0), np.sort(node.features[layer], axis=0))
        (title,) = [text.get_text() for text in film.picture.texts if text.get_text()]
        assert title == {0: "input", 4: "output"}.get(layer, f"layer {layer}")


def test_wide_features_are_reduced_on_the_same_axes_in_all_layers():
    rng = np.random.default_rng(0)
    features = [rng.standard_normal((40, 5)) * [5, 4, 3, 2, 1] + layer for layer in range(3)]
    every = np.concatenate(features)
    axes = np.linalg.svd(every - every.mean(axis=0), full_matrices=False)[2][:3]
    axes *= np.sign(axes[range(3), np.abs(axes).argmax(axis=1)])[:, None]
    found = animation.in_one_space(features)
    for y, reduced in zip(features, found, strict=True):
        np.testing.assert_allclose(reduced, (y - every.mean(axis=0)) @ axes.T, atol=1e-10)


def test_deep_networks_are_shown_at_some_layers(tmp_path):
    run = one(untrained(tmp_path, Cell("squares", "EulerNet", 2, 120)))
    layers = animation.film("transformation", run).layers
    assert len(layers) == animation.FRAMES
    assert (layers[0], layers[-1]) == (0, 120)
    assert set(np.diff(layers)) <= {2, 3}


def test_a_gif_has_a_frame_a_layer_and_stays_at_the_last(node, tmp_path):
    paths = [tmp_path / "first.gif", tmp_path / "second.gif"]
    for path in paths:
        animation.save(animation.film("trajectories", node), [path])
    with Image.open(paths[0]) as gif:
        assert gif.n_frames == 5
        durations = []
        for frame in range(5):
            gif.seek(frame)
            durations.append(gif.info["duration"])
    assert durations == [100] * 4 + [100 * animation.LAST]
    assert paths[0].read_bytes() == paths[1].read_bytes()


@FFMPEG
def test_films_are_written_and_the_same_again(node, tmp_path):
    names = [[tmp_path / f"{name}.{suffix}" for suffix in ("gif", "mp4")] for name in "ab"]
    for paths in names:
        animation.save(animation.film("transformation", node), paths)
    for first, second in zip(*names, strict=True):
        assert first.read_bytes() == second.read_bytes()
        assert first.stat().st_size > 1000
    assert len(list(tmp_path.glob("*.gif"))) == len(list(tmp_path.glob("*.mp4"))) == 2


def test_nothing_is_left_of_a_film_that_fails(node, tmp_path):
    film = animation.film("trajectories", node)

    def show(layer):
        if layer == 2:
            raise RuntimeError("no such layer")

    with pytest.raises(RuntimeError, match="no such layer"):
        animation.save(replace(film, show=show), [tmp_path / "a.gif"])
    assert not list(tmp_path.glob("*.gif")) + list(tmp_path.glob(".*.gif"))


@pytest.mark.parametrize("motion", MOTIONS)
def test_a_diverged_run_is_said_to_have_diverged(tmp_path, motion):
    run = one(untrained(tmp_path, Cell("spiral", "RK4Net", 4, 3), status="diverged"))
    film = animation.film(motion, run)
    assert "diverged" in [text.get_text() for text in film.picture.texts]
    animation.save(film, [tmp_path / "a.gif"])
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == 1
