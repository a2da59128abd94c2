"""Learned step sizes over the layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D
from safetensors import SafetensorError
from safetensors.numpy import load_file

from rknet.cell import Cell
from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.line_names import named
from rknet.show.figures.style import legend_above, lines_of, page
from rknet.show.labels import label
from rknet.study.records import checked, read_record

#: The most panels side by side.
ACROSS = 2
#: The line of steps that are not learned.
_FIXED = {"color": "0.45", "linestyle": "--", "linewidth": 0.8, "zorder": 1}


@KINDS.register("steps")
def draw(files: Files) -> Picture:
    """Draw the step sizes of networks that learn them over their layers: a panel a dataset.

    A line is a run, in the colour of its network. Hollow marks are steps of zero, whose layers are
    the identity; the title counts them. A dashed line is the step that all layers start with.

    Parameters
    ----------
    files : Files
        Records and parameters, run by run.

    Raises
    ------
    ValueError
        If a file is not what it must be, or has no step sizes; the message names it.
    """
    runs = pd.DataFrame(list(map(_read, files.records, files.parameters)))
    runs = runs.assign(line=named(runs, besides=("dataset",)))
    datasets = list(dict.fromkeys(runs["dataset"]))
    rows = -(-len(datasets) // ACROSS)
    picture = page(height=0.4 + 2.1 * rows)
    panels = picture.subplots(rows, ACROSS, sharey=True, squeeze=False).ravel()
    for axes, dataset in zip(panels, datasets, strict=False):
        of_panel = runs[runs["dataset"] == dataset]
        _panel(axes, of_panel, lines_of(runs["line"]))
        axes.set_title(f"{label('dataset', dataset)}\n{zeros_in_words(of_panel)}")
    for axes in panels[len(datasets) :]:
        axes.set_axis_off()
    for axes in panels[::ACROSS]:
        axes.set_ylabel("step size h")
    handles = [Line2D([], [], label=name, **look) for name, look in lines_of(runs["line"]).items()]
    legend_above(picture, [*handles, Line2D([], [], label="fixed", **_FIXED)])
    return picture


def _read(record: str, parameters: str) -> dict[str, object]:
    """The cell of a run, its seed, and the steps that it has learned, as ``h``."""
    about = read_record(record)
    cell = Cell.of(about["setting"])
    try:
        arrays = load_file(checked(about, Path(parameters)))
    except SafetensorError as error:
        raise ValueError(f"{parameters} cannot be read ({error}); train it again") from error
    if "h" not in arrays:
        raise ValueError(
            f"{parameters} has no step sizes: {cell.network} does not learn them; leave it out of "
            "the figure"
        )
    h = arrays["h"] if about["status"] != "diverged" else np.full(cell.depth, np.nan)
    return {**asdict(cell), "seed": about["setting"]["seed"], "h": h}


def _panel(axes: Axes, runs: pd.DataFrame, looks: dict) -> None:
    for step_size in runs["step_size"].unique():
        axes.axhline(step_size, **_FIXED)
    for line, h in zip(runs["line"], runs["h"], strict=True):
        layers = np.arange(1, len(h) + 1)
        axes.plot(layers, h, label=line, **looks[line])
        zero = h == 0
        axes.plot(layers[zero], h[zero], **looks[line], linestyle="", mfc="white", zorder=3)
    axes.set_xlabel("layer")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y")


def zeros_in_words(runs: pd.DataFrame) -> str:
    """How many steps of each line are zero; lines without are left out, and diverged ones named."""
    said = []
    for line, steps in runs.groupby("line", sort=False)["h"]:
        h: Sequence[float] = np.concatenate(steps.to_list())
        if np.isnan(h).any():
            said.append(f"{line}: diverged")
        elif zeros := int(np.sum(h == 0)):
            said.append(f"{line}: h = 0 in {zeros} of {len(h)} layers")
    return "; ".join(said) or "h = 0 in no layer"
