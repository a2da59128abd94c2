"""Accuracy over depth, reproduced and published."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D

from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.line_names import named
from rknet.show.figures.style import legend_above, lines_of, page
from rknet.show.labels import LIFTS, label
from rknet.show.tables.layouts import mean_interval
from rknet.study.frames import summarise

_METRIC = "accuracy_percent"
_SPLITS = ("training", "validation")
#: The columns, besides the depth, in which a published number agrees with the runs next to it.
_SETTING = ["dataset", "network", "width", "activation"]
#: The distance of lines along the axis, and the largest distance of the first from the last, both
#: as shares of the step from one depth to the next.
_APART, _TOGETHER = 0.2, 0.7


@KINDS.register("accuracy_over_depth")
def draw(files: Files, edition: str, table: int) -> Picture:
    """Draw accuracy over depth: a row of panels for each lift, training left, validation right.

    Parameters
    ----------
    files : Files
        The ``metrics`` of an experiment that varies the depth, and the ``published`` numbers.
    edition : str
    table : int
        The numbers of this table are shown as stars, to the right of the means that they are
        compared with, if the experiment has runs with their setting.

    Notes
    -----
    Lines are means over repetitions, bars 95 % confidence intervals (Student's t, so for four
    repetitions over three standard errors), cut at 0 and 100 %; a single repetition has no bar. A
    hollow mark is a mean without diverged runs. All depths are the same distance apart.
    """
    means = _means(pd.concat(map(pd.read_csv, files.metrics)))
    published = pd.concat(map(pd.read_csv, files.published))
    of_table = (published["edition"] == edition) & (published["table"] == table)
    points = _published(published[of_table], means)
    depths = sorted(means["depth"].unique())
    lifts = list(dict.fromkeys(means["lift"]))
    picture = page(height=0.5 + 2.2 * len(lifts))
    grid = picture.subplots(len(lifts), len(_SPLITS), sharex=True, sharey=True, squeeze=False)
    for row, lift in zip(grid, lifts, strict=True):
        for axes, split in zip(row, _SPLITS, strict=True):
            of_panel = (means["lift"] == lift) & (means["split"] == split)
            _panel(axes, means[of_panel], points[points["split"] == split], depths)
            axes.set_title(f"{split}, {LIFTS[lift]}")
            axes.grid(axis="y")
            axes.set(xticks=range(len(depths)), xticklabels=depths)
            axes.label_outer()
    grid[0, 0].set_ylim(top=101)
    for row in grid:
        row[0].set_ylabel(label("metric", _METRIC))
    for axes in grid[-1]:
        axes.set_xlabel("depth L")
    _legend(picture, means, points)
    return picture


def _means(metrics: pd.DataFrame) -> pd.DataFrame:
    """Means with the ends of their intervals, and the name of the line of each."""
    means = summarise(metrics[metrics["metric"] == _METRIC])
    means = means.assign(line=named(means, besides=("depth", "lift")))
    ends = [mean_interval(*row) for row in means[["mean", "std", "n"]].itertuples(index=False)]
    ends = pd.DataFrame(ends, columns=["low", "high"], index=means.index).clip(0, 100)
    return means.join(ends)


def _published(published: pd.DataFrame, means: pd.DataFrame) -> pd.DataFrame:
    """The published means that the figure's lines are compared with, with their lines."""
    wanted = (published["metric"] == _METRIC) & (published["stat"] == "mean")
    lines = means[[*_SETTING, "depth", "line"]].drop_duplicates()
    return published[wanted].merge(lines, on=[*_SETTING, "depth"])


def _panel(axes: Axes, means: pd.DataFrame, points: pd.DataFrame, depths: list[int]) -> None:
    looks = lines_of(means["line"])
    apart = min(_APART, _TOGETHER / len(looks))
    for place, (name, look) in enumerate(looks.items()):
        aside = apart * (place - (len(looks) - 1) / 2)
        line = means[means["line"] == name].sort_values("depth")
        x = line["depth"].map(depths.index) + aside
        bars = [line["mean"] - line["low"], line["high"] - line["mean"]]
        axes.plot(x, line["mean"], label=name, **look)
        axes.errorbar(x, line["mean"], bars, fmt="none", ecolor=look["color"], elinewidth=0.8,
                      capsize=2)  # fmt: skip
        fewer = (line["diverged"] > 0).to_numpy()
        axes.plot(x[fewer], line["mean"][fewer], linestyle="", **look, mfc="white", zorder=3)
        shown = points[points["line"] == name]
        beside = shown["depth"].map(depths.index) + aside + apart / 2
        axes.plot(beside, shown["value"], **_star(look["color"]))


def _star(colour: str) -> dict[str, object]:
    return {"linestyle": "", "marker": "*", "markersize": 6.5, "color": colour,
            "markeredgecolor": "black", "markeredgewidth": 0.5, "zorder": 4}  # fmt: skip


def _legend(picture: Picture, means: pd.DataFrame, points: pd.DataFrame) -> None:
    handles = [Line2D([], [], label=name, **look) for name, look in lines_of(means["line"]).items()]
    if len(points):
        handles.append(Line2D([], [], label="published", **_star("white")))
    if (means["diverged"] > 0).any():
        text = "without diverged runs"
        handles.append(
            Line2D([], [], linestyle="", marker="o", color="black", mfc="white", label=text)
        )
    legend_above(picture, handles)
