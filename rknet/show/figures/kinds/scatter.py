"""The training points of datasets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from mpl_toolkits.mplot3d import Axes3D

from rknet.datasets import load
from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.style import CLASS_COLOURS, CLASS_MARKERS, PAGE, page
from rknet.show.labels import label

#: The limits of all axes. Noise carries a few points outside them.
_LIMITS = (-4, 4)
_TICKS = (-4, 0, 4)
#: The viewpoint in 3D: elevation and azimuth in degrees.
_ELEVATION, _AZIMUTH = 22, -55
#: The number of slabs into which a cloud is cut, to draw it from back to front; all slabs have the
#: same number of points.
_SLABS = 4


@KINDS.register("scatter")
def draw(files: Files, datasets: Sequence[Sequence[str]]) -> Picture:
    """Draw the training points of each dataset, coloured and marked by class.

    In three dimensions, the points in the octant towards the reader are faint, so that one can look
    inside: each shell of a donut hides the shells within it.

    Parameters
    ----------
    files : Files
        Its ``datasets``, row by row.
    datasets : sequence of sequences of str
        Their names, by rows.
    """
    rows, columns = len(datasets), len(datasets[0])
    picture = page(height=rows * (PAGE / columns + 0.3))
    # The layout engine does not know how square panels and the names of 3D axes share their room.
    picture.get_layout_engine().set(w_pad=0.1)
    names = [name for row in datasets for name in row]
    for place, (name, path) in enumerate(zip(names, files.datasets, strict=True), start=1):
        points, labels = load(path, name).training
        flat = points.shape[1] == 2
        axes = picture.add_subplot(rows, columns, place, projection=None if flat else "3d")
        axes.set_title(label("dataset", name))
        (_flat if flat else _spatial)(axes, points, labels)
    _name_once(picture, columns)
    return picture


def _name_once(picture: Picture, columns: int) -> None:
    """Leave out numbers that the panel to the left already has."""
    panels = picture.axes
    for place, (left, axes) in enumerate(pairwise(panels), start=1):
        if place % columns and not isinstance(left, Axes3D) and not isinstance(axes, Axes3D):
            axes.set(ylabel="", yticklabels=[])


def _flat(axes: Axes, points: np.ndarray, labels: np.ndarray) -> None:
    for group in np.unique(labels):
        axes.scatter(*points[labels == group].T, s=4, **_look(group))
    axes.set(xlim=_LIMITS, ylim=_LIMITS, xticks=_TICKS, yticks=_TICKS, aspect="equal")
    axes.set(xlabel="$x_1$", ylabel="$x_2$")


def _spatial(axes: Axes3D, points: np.ndarray, labels: np.ndarray) -> None:
    towards = _towards_reader()
    depth = points @ towards
    slabs = np.searchsorted(np.quantile(depth, np.linspace(0, 1, _SLABS + 1)[1:-1]), depth)
    open_octant = (points * np.sign(towards) > 0).all(axis=1)
    # Matplotlib would draw one class after another, whichever point is in front.
    axes.computed_zorder = False
    for slab in range(_SLABS):
        _marks(axes, points, labels, (slabs == slab) & ~open_octant, zorder=slab)
    _marks(axes, points, labels, open_octant, zorder=_SLABS, alpha=0.16)
    axes.set(xlim=_LIMITS, ylim=_LIMITS, zlim=_LIMITS)
    # The names of axes stand at their middles; the y axis' first number would hit the x axis' last.
    axes.set_xticks(_TICKS, ["−4", "", "4"])
    axes.set_yticks(_TICKS, ["", "", "4"])
    axes.set_zticks(_TICKS, ["−4", "", "4"])
    axes.set(xlabel="$x_1$", ylabel="$x_2$", zlabel="$x_3$")
    axes.view_init(elev=_ELEVATION, azim=_AZIMUTH)
    axes.set_box_aspect((1, 1, 1), zoom=1.0)
    axes.tick_params(pad=-3)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color("white")
        axis.labelpad = -12


def _marks(
    axes: Axes3D, points: np.ndarray, labels: np.ndarray, chosen: np.ndarray, **look: float
) -> None:
    for group in np.unique(labels[chosen]):
        cloud = points[chosen & (labels == group)].T
        # Pixels also in the PDF: these are thousands of marks that cover one another.
        marks = axes.scatter(*cloud, s=5, depthshade=False, rasterized=True, **_look(group), **look)
        marks.set_in_layout(False)


def _towards_reader() -> np.ndarray:
    elevation, azimuth = np.radians([_ELEVATION, _AZIMUTH])
    return np.array(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
    )


def _look(group: int) -> dict[str, object]:
    return {"color": CLASS_COLOURS[group], "marker": CLASS_MARKERS[group], "linewidth": 0}
