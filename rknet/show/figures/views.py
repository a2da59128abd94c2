"""Views of a plane or of 3D space: axes, points, paths and backgrounds, coloured by class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.mplot3d.art3d import Line3DCollection
from mpl_toolkits.mplot3d.axes3d import Axes3D

from rknet.show.figures.style import CLASS_COLOURS, CLASS_MARKERS, PAGE

#: Lower and upper limit of each coordinate, (dimension, 2).
Limits = np.ndarray

#: The area of a point's mark, in points².
SIZE = 2.5
#: Points along each side of a background.
GRID = 80
#: The share of class colour in a background; the rest is white.
STRENGTH = 0.4
#: The viewpoint in 3D: elevation and azimuth in degrees, the same in all figures.
VIEW = {"elev": 22.0, "azim": -55.0}
#: In inches: the room for words at the side of a row, and the side of the largest panel.
SIDE, WIDEST = 0.22, 3.0
#: The free space at either side of points, as a share of their extent.
_FREE = 0.04
_PALE = "0.85"


class Margins(NamedTuple):
    """The room around axes for a title and for the numbers, in inches."""

    left: float
    top: float
    right: float
    bottom: float


#: Margins of a plane; they make it square.
MARGINS = Margins(left=0.3, top=0.23, right=0.1, bottom=0.17)
#: Margins of 3D space; its axes have room inside for the numbers, and at the top for a title.
SPACE_MARGINS = Margins(left=0.0, top=0.1, right=0.0, bottom=0.07)


def round_numbers(limits: Limits) -> list[list[float]]:
    """For each axis, at least two round numbers between its limits, or at them.

    If all axes are equally long, the step is the same on all of them.
    """
    intervals = 3
    while True:
        locator = MaxNLocator(intervals, steps=[1, 2, 4, 5, 10], min_n_ticks=1)
        found = [
            [x for x in locator.tick_values(low, high) if low <= x <= high] for low, high in limits
        ]
        if all(len(numbers) > 1 for numbers in found):
            return found
        intervals += 1


class Grid:
    """A picture of rows and columns of panels, with words at the side of each row.

    The places are computed in inches, with no layout engine: panels are square, and stay in the
    same place in every picture, whatever the numbers on their axes.

    Parameters
    ----------
    columns : int
    sides : sequence of str
        The words, row by row; without any, no room is left for them.

    Attributes
    ----------
    picture : Figure
        As wide as the page, or narrower if panels would be too wide.
    """

    def __init__(self, columns: int, sides: Sequence[str]) -> None:
        self._side = SIDE if any(sides) else 0.0
        self._cell = min((PAGE - self._side) / columns, WIDEST)
        self._size = self._side + columns * self._cell, len(sides) * self._cell
        # Not "none": when a picture is saved, matplotlib replaces that by the style's own layout.
        self.picture = Figure(self._size, layout=PlaceHolderLayoutEngine(True, True))
        for row, words in enumerate(sides):
            x, y = self._fraction(0.6 * self._side, (row + 0.5) * self._cell)
            style = {"ha": "center", "va": "center", "rotation": "vertical"}
            self.picture.text(x, y, words, **style)

    def axes(self, row: int, column: int, limits: Limits) -> Axes:
        """Axes of equal scale with a few ticks, in 2D or 3D as `limits` say."""
        margins = MARGINS if len(limits) == 2 else SPACE_MARGINS
        x, y = self._side + column * self._cell, row * self._cell
        left, top = self._fraction(x + margins.left, y + margins.top)
        right, bottom = self._fraction(
            x + self._cell - margins.right, y + self._cell - margins.bottom
        )
        box = (left, bottom, right - left, top - bottom)
        if len(limits) == 2:
            axes = _plane(self.picture, box)
        else:
            # The numbers along the edges of space do not shrink with it.
            axes = _space(self.picture, box, zoom=1.18 * (1 - 0.3 / self._cell))
        # In space, numbers at an edge would meet those of the next axis.
        edge = 0 if len(limits) == 2 else 0.1 * np.ptp(limits, axis=1)[:, None] * [1, -1]
        for axis, ends, numbers in zip("xyz", limits, round_numbers(limits + edge), strict=False):
            axes.set(**{f"{axis}lim": ends, f"{axis}ticks": numbers})
        return axes

    def title(self, row: int, column: int, words: str) -> Text:
        """Words above a panel, at the same height for all of a row."""
        middle = self._side + column * self._cell + (self._cell + MARGINS.left - MARGINS.right) / 2
        x, y = self._fraction(middle, row * self._cell + MARGINS.top - 0.07)
        return self.picture.text(x, y, words, ha="center", va="baseline")

    def words(self, row: int, column: int, words: str) -> None:
        """Words instead of a panel."""
        x, y = self._side + (column + 0.5) * self._cell, (row + 0.5) * self._cell
        style = {"ha": "center", "va": "center", "color": "0.4"}
        self.picture.text(*self._fraction(x, y), words, **style)

    def _fraction(self, x: float, y: float) -> tuple[float, float]:
        """From inches, measured from the upper left, to matplotlib's shares from the lower left."""
        return x / self._size[0], 1 - y / self._size[1]


def _plane(picture: Figure, box: tuple[float, float, float, float]) -> Axes:
    axes = picture.add_axes(box, aspect="equal")
    axes.spines[:].set_visible(True)
    return axes


def _space(picture: Figure, box: tuple[float, float, float, float], zoom: float) -> Axes3D:
    """Give 3D axes white walls and pale lines, so that the points stand out."""
    axes = picture.add_axes(box, projection="3d")
    axes.view_init(**VIEW)
    axes.set_box_aspect((1, 1, 1), zoom=zoom)
    axes.tick_params(pad=-3, labelsize=6)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color("white")
        axis.pane.set(edgecolor=_PALE, linewidth=0.4, closed=True)
        axis.line.set(color=_PALE, linewidth=0.4)
        axis._axinfo["grid"].update(color="0.93", linewidth=0.4)
        axis._axinfo["tick"].update(inward_factor=0, outward_factor=0.15)
    return axes


def class_colours(labels: np.ndarray) -> np.ndarray:
    """The colours of classes, (samples, 3); after the tenth they start again."""
    palette = np.array([to_rgb(colour) for colour in CLASS_COLOURS])
    return palette[np.asarray(labels) % len(palette)]


def equal_limits(points: np.ndarray) -> Limits:
    """Limits of equal length on every axis that hold all points.

    Parameters
    ----------
    points : ndarray, (…, dimension)

    Returns
    -------
    ndarray, (dimension, 2)
        They are centred on the points' range. Their length is one if all points are equal up to
        rounding.
    """
    points = points.reshape(-1, points.shape[-1])
    low, high = points.min(axis=0), points.max(axis=0)
    half = (high - low).max() / 2 * (1 + 2 * _FREE)
    if half <= 1e-9 * np.abs(points).max():
        half = 0.5
    middle = (low + high) / 2
    return np.column_stack([middle - half, middle + half])


def show_points(axes: Axes, points: np.ndarray, labels: np.ndarray) -> list[Artist]:
    """Mark points, (samples, dimension), in the colours of `labels`.

    In 2D, each class also has its own mark. In 3D all marks are dots, so that matplotlib sorts them
    by depth together; farther dots are paler.
    """
    if isinstance(axes, Axes3D):
        return _dots(axes, points, labels, SIZE, depthshade=True)
    return [
        axes.scatter(
            *points[labels == group].T,
            color=class_colours(group),
            marker=CLASS_MARKERS[group % len(CLASS_MARKERS)],
            s=SIZE,
            linewidths=0,
            zorder=2,
        )
        for group in np.unique(labels)
    ]


def show_paths(axes: Axes, paths: np.ndarray, labels: np.ndarray) -> list[Artist]:
    """Draw paths, (samples, places, dimension), from a small to a large dot."""
    space = isinstance(axes, Axes3D)
    lines = (Line3DCollection if space else LineCollection)(
        list(paths), colors=class_colours(labels), linewidths=0.5, alpha=0.7
    )
    axes.add_collection(lines, autolim=False)
    shade = {"depthshade": False} if space else {}
    starts = _dots(axes, paths[:, 0], labels, 2, **shade)
    return [lines, *starts, *_dots(axes, paths[:, -1], labels, 10, **shade)]


def _dots(
    axes: Axes, points: np.ndarray, labels: np.ndarray, size: float, **shade: bool
) -> list[Artist]:
    """Draw dots; in 3D, PDFs get them as an image, because thousands of them are large and slow."""
    style = {"c": class_colours(labels), "s": size, "linewidths": 0, "zorder": 2, **shade}
    return [axes.scatter(*points.T, rasterized=isinstance(axes, Axes3D), **style)]


def show_background(
    axes: Axes, probabilities: Callable[[np.ndarray], np.ndarray], limits: Limits
) -> None:
    """Paint the plane within `limits` in the class colours, mixed by the classes' probabilities.

    Parameters
    ----------
    axes : Axes
    probabilities : callable
        From points of the plane, (samples, 2), to class probabilities, (samples, K).
    limits : ndarray, (2, 2)
    """
    x, y = (np.linspace(*side, GRID) for side in limits)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    mixed = mixture(probabilities(grid.reshape(-1, 2))).reshape(GRID, GRID, 3)
    # The outer grid points are the middles of the outer pixels.
    step = (limits[:, 1] - limits[:, 0]) / (GRID - 1) / 2
    extent = np.column_stack([limits[:, 0] - step, limits[:, 1] + step]).ravel()
    axes.imshow(mixed, extent=tuple(extent), origin="lower", interpolation="bilinear", zorder=0)
    axes.set(xlim=limits[0], ylim=limits[1])


def mixture(probabilities: np.ndarray) -> np.ndarray:
    """Light colours, (samples, 3): the class colours weighted by probabilities, (samples, K)."""
    colours = class_colours(np.arange(probabilities.shape[1]))
    return 1 - STRENGTH * (1 - probabilities @ colours)
