"""Features of images in the output layer, coloured by class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure as Picture

from rknet.show.figures.alignment import aligned
from rknet.show.figures.classified import Classified, read_all
from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.kinds.panels import ACROSS, run_names
from rknet.show.figures.views import Grid, equal_limits, show_points
from rknet.study.principal_axes import principal_axes


@KINDS.register("output_features")
def draw(files: Files) -> Picture:
    """Draw features in the output layer by PCA to 3D, run by run, coloured by true class.

    Views of the same images are turned alike.

    Parameters
    ----------
    files : Files
        Records, outputs and datasets of the runs.

    Raises
    ------
    ValueError
        If a file is not what it must be; the message names it.
    """
    shown = read_all(files.records, files.outputs, files.datasets)
    across = min(len(shown), ACROSS)
    grid = Grid(across, [""] * -(-len(shown) // across))
    for place, (run, name) in enumerate(zip(shown, run_names(shown), strict=True)):
        row, column = divmod(place, across)
        if run.diverged:
            grid.words(row, column, "diverged")
            grid.title(row, column, name)
            continue
        points = view_of(run, shown)
        show_points(grid.axes(row, column, equal_limits(points)), points, run.validation.labels)
        accuracy = f"accuracy {run.accuracy_percent:.1f} %"
        grid.title(row, column, ": ".join(filter(None, (name, accuracy))))
    return grid.picture


def view_of(run: Classified, shown: Sequence[Classified]) -> np.ndarray:
    """A run's features by PCA in 3D, turned as those of the first run of the same images."""
    y = run.outputs.features
    axes = principal_axes(y, 3)
    same = (other for other in shown if not other.diverged and _images(other) == _images(run))
    first = next(same)
    if first is not run:
        axes = aligned(axes, y, view_of(first, [first]))
    return axes.transform(y)


def _images(run: Classified) -> tuple[str, int]:
    return run.run.cell.dataset, run.run.seed
