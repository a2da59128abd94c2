"""The curves of an experiment: validation accuracy and cost over the epochs."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from rknet.cell import AXES, Cell
from rknet.show.experiment.panels import MOST_LINES, panels
from rknet.show.figures.kinds.curves import (
    METRICS,
    line_handles,
    mean_over_runs,
    plot,
    stop_handles,
)
from rknet.show.figures.style import legend_above, page, styled

_SPLIT = "validation"
#: Heights in inches: of a single row of panels, of each of several rows, and of the space above.
_ALONE, _ROW, _ABOVE = 2.4, 1.75, 0.3
#: How many characters of a title fit above a row, by whether all rows share a legend. The layout
#: leaves room for half a title.
_TITLE = {True: 105, False: 75}
#: How many characters of a legend fit next to its panel, and the height of its lines in inches.
_NAME, _LINE = 24, 0.13


def draw_curves(curves: pd.DataFrame) -> Picture:
    """Draw validation accuracy (left) and cost (right) over the epochs, one line for each cell.

    Parameters
    ----------
    curves : pandas.DataFrame
        The curves of one experiment, as `rknet.study.frames.curves` returns them.

    Notes
    -----
    `rknet.show.experiment.panels` decides which line goes in which panel;
    `rknet.show.figures.kinds.curves` says what lines and crosses mean. If runs diverged or are
    missing, the panel's title says how many runs a line is the mean of.
    """
    curves, cells = _with_cells(curves[curves["split"] == _SPLIT])
    found = panels(cells).shown
    seeds = curves["seed"].nunique()
    names = list(dict.fromkeys(name for lines in found.values() for name in lines.values()))
    shared = len(names) <= MOST_LINES
    stops = False
    with styled():
        picture, rows = _grid(found, shared)
        for row, (title, lines) in zip(rows, found.items(), strict=True):
            of_panel = curves[curves["cell"].isin(lines.keys())]
            of_panel = of_panel.assign(line=of_panel["cell"].map(lines))
            means = mean_over_runs(of_panel)
            stops |= bool(means["stops"].any())
            within = names if shared else list(lines.values())
            _draw_row(row, means, within)
            said = _title(title, of_panel, lines.values(), seeds)
            row[0].set_title(fill(said, _TITLE[shared]), loc="left")
            if not shared:
                row[2].legend(handles=line_handles(_wrapped(within)), loc="upper left")
        common = line_handles({name: name for name in names}) if shared else []
        if common or stops:
            legend_above(picture, common + stop_handles(stops))
    return picture


def _grid(found: dict[str, dict[Cell, str]], shared: bool) -> tuple[Picture, np.ndarray]:
    """A picture with axes for accuracy, cost and, unless all panels share one, the legend."""
    lines = max(
        sum(text.count("\n") + 1 for text in _wrapped(names.values()).values())
        for names in found.values()
    )
    height = _ALONE if len(found) == 1 else _ROW
    height = height if shared else max(height, _LINE * (lines + 3))
    picture = page(height=_ABOVE + height * len(found))
    widths = (1, 1) if shared else (1, 1, 0.6)
    rows = picture.subplots(
        len(found), len(widths), sharex="col", squeeze=False, width_ratios=widths
    )
    for axes in rows[:, len(METRICS) :].flat:
        axes.set_axis_off()
    for axes in rows[-1, : len(METRICS)]:
        axes.set_xlabel("epoch")
    picture.align_ylabels(rows)
    return picture, rows


def _wrapped(names: Iterable[str]) -> dict[str, str]:
    """From the names of lines to the same names, wrapped to the width of a legend."""
    return {name: fill(name, _NAME) for name in names}


def _with_cells(curves: pd.DataFrame) -> tuple[pd.DataFrame, list[Cell]]:
    """The curves with a column that holds each row's cell, and the cells."""
    settings = curves[list(AXES)].drop_duplicates()
    cells = [Cell(*values) for values in settings.itertuples(index=False)]
    return curves.merge(settings.assign(cell=cells), on=list(AXES)), cells


def _draw_row(row: list[Axes], means: pd.DataFrame, names: list[str]) -> None:
    for axes, (metric, title) in zip(row, METRICS.items(), strict=False):
        plot(axes, means[means["metric"] == metric], names)
        axes.set_ylabel(title)
        # A band may reach beyond the possible values.
        bottom, top = axes.get_ylim()
        axes.set_ylim(max(bottom, 0), min(top, 101) if metric == "accuracy_percent" else top)


def _title(title: str, curves: pd.DataFrame, names: Iterable[str], seeds: int) -> str:
    """A panel's title, with the lines that are means over fewer runs."""
    runs = curves.drop_duplicates(["line", "seed"])
    good = runs["status"].ne("diverged").groupby(runs["line"], sort=False).sum()
    fewer = [f"{name} ({good[name]} of {seeds})" for name in names if good[name] < seeds]
    words = [title, f"over fewer runs: {', '.join(fewer)}" if fewer else ""]
    return "; ".join(filter(None, words))
