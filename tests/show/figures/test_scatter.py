"""Figures 2 and 8: the training points, in the colours of their classes."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from mpl_toolkits.mplot3d import Axes3D
from of_a_kind import of_a_kind

from rknet import datasets
from rknet.show.figures.drawing import draw
from rknet.show.figures.figure import Files
from rknet.show.figures.style import CLASS_COLOURS
from rknet.show.paper import load_paper

SMALL = of_a_kind("scatter", datasets=(("donut_2d", "squares_3d_4c"),))
FIGURES = load_paper().figures


def picture_of(figure, drawn):
    names = [name for row in figure.options["datasets"] for name in row]
    return draw(figure, Files([], [], [], drawn(*names)))


@pytest.fixture(scope="module")
def pictures(drawn):
    return {name: picture_of(FIGURES[name], drawn) for name in ("figure2", "figure8")}


@pytest.mark.mpl_image_compare
def test_picture(drawn):
    return picture_of(SMALL, drawn)


def points_of(axes):
    """All points of a panel and the colours that they have, sorted."""
    clouds = []
    for cloud in axes.collections:
        points = np.ma.stack(
            cloud._offsets3d if isinstance(axes, Axes3D) else tuple(cloud.get_offsets().T)
        )
        colour = CLASS_COLOURS.index(next(c for c in CLASS_COLOURS if np.allclose(
            to_rgba(c)[:3], cloud.get_facecolor()[0, :3])))  # fmt: skip
        clouds += [(*map(float, point), colour) for point in points.T]
    return sorted(clouds)


@pytest.mark.parametrize("name", ["figure2", "figure8"])
def test_all_training_points_are_shown_in_the_colour_of_their_class(pictures, name):
    shown = [dataset for row in FIGURES[name].options["datasets"] for dataset in row]
    for axes, dataset in zip(pictures[name].axes, shown, strict=True):
        x, labels = datasets.draw(dataset, 0).training
        expected = sorted(
            (*map(float, point), int(label)) for point, label in zip(x, labels, strict=True)
        )
        assert len(expected) == 1500
        assert points_of(axes) == expected


@pytest.mark.parametrize("name", ["figure2", "figure8"])
def test_panels_share_their_limits(pictures, name):
    for axes in pictures[name].axes:
        limits = [getattr(axes, f"get_{d}lim")() for d in ("xyz" if axes.name == "3d" else "xy")]
        assert limits == [(-4, 4)] * len(limits)


def test_titles_and_dimensions(pictures):
    panels = [(axes.get_title(), axes.name == "3d") for axes in pictures["figure8"].axes]
    assert panels == [
        ("donut 3D & 2C", True),
        ("donut 2D & 6C", False),
        ("squares 2D & 4C", False),
        ("donut 3D & 3C", True),
        ("donut 3D & 6C", True),
        ("squares 3D & 4C", True),
    ]


def test_clouds_are_pixels_and_planes_are_vectors(pictures):
    for axes in pictures["figure8"].axes:
        rasterized = {bool(cloud.get_rasterized()) for cloud in axes.collections}
        assert rasterized == {axes.name == "3d"}


def test_only_the_octant_towards_the_reader_is_faint(pictures):
    axes = pictures["figure8"].axes[0]
    for cloud in axes.collections:
        x, y, z = cloud._offsets3d
        towards = (x > 0) & (y < 0) & (z > 0)
        assert towards.all() if cloud.get_alpha() else not towards.any()


def test_what_is_in_front_covers_what_is_behind(pictures):
    axes = pictures["figure8"].axes[0]
    azimuth, elevation = np.radians([axes.azim, axes.elev])
    towards = [
        np.cos(elevation) * np.cos(azimuth),
        np.cos(elevation) * np.sin(azimuth),
        np.sin(elevation),
    ]
    solid = [cloud for cloud in axes.collections if not cloud.get_alpha()]
    depths = {}
    for cloud in solid:
        depths.setdefault(cloud.get_zorder(), []).extend(np.dot(towards, cloud._offsets3d))
    slabs = [depths[order] for order in sorted(depths)]
    assert len(slabs) > 1
    assert all(max(behind) <= min(front) for behind, front in pairwise(slabs))


def test_the_files_must_be_those_of_the_figure(drawn):
    with pytest.raises(ValueError, match="shorter"):
        draw(SMALL, Files([], [], [], drawn("donut_2d")))


@pytest.mark.parametrize("name", ["figure2", "figure8"])
def test_nothing_is_cut_off_at_the_edge(pictures, name, within_page):
    within_page(pictures[name])
