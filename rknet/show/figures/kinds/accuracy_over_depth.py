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
from rknet.study.comparison import KEY, compare
from rknet.study.frames import summarise
from rknet.study.publication import Publication

_METRIC = "accuracy_percent"
_SPLITS = ("training", "validation")
#: The distance of lines along the axis, and the largest distance of the first from the last, both
#: as shares of the step from one depth to the next.
_APART, _TOGETHER = 0.2, 0.7


@KINDS.register("accuracy_over_depth")
def draw(files: Files, edition: str, table: int, publication: Publication) -> Picture:
    """Draw accuracy over depth: a row of panels for each lift, training left, validation right.

    Parameters
    ----------
    files : Files
        The ``metrics`` of an experiment that varies the depth, and the ``published`` numbers.
    edition : str
    table : int
        The numbers of this table are shown as stars, to the right of the means that they are
        compared with, if the experiment has runs with their setting.
    publication : Publication
        Says how its numbers are judged.

    Notes
    -----
    Lines are means over repetitions. A bar is the interval in which a star must lie to be
    consistent, see `rknet.study.comparison.compare`; a single repetition has no bar, nor has a mean
    without a star. A hollow mark is a mean without diverged runs. All depths are the same distance
    apart.
    """
    published = pd.concat(map(pd.read_csv, files.published))
    of_table = (published["edition"] == edition) & (published["table"] == table)
    means = _means(pd.concat(map(pd.read_csv, files.metrics)), published[of_table], publication)
    depths = sorted(means["depth"].unique())
    lifts = list(dict.fromkeys(means["lift"]))
    picture = page(height=0.5 + 2.2 * len(lifts))
    grid = picture.subplots(len(lifts), len(_SPLITS), sharex=True, sharey=True, squeeze=False)
    for row, lift in zip(grid, lifts, strict=True):
        for axes, split in zip(row, _SPLITS, strict=True):
            of_panel = (means["lift"] == lift) & (means["split"] == split)
            _panel(axes, means[of_panel], depths)
            axes.set_title(f"{split}, {LIFTS[lift]}")
            axes.grid(axis="y")
            axes.set(xticks=range(len(depths)), xticklabels=depths)
            axes.label_outer()
    grid[0, 0].set_ylim(top=101)
    for row in grid:
        row[0].set_ylabel(label("metric", _METRIC))
    for axes in grid[-1]:
        axes.set_xlabel("depth L")
    _legend(picture, means)
    return picture


def _means(
    metrics: pd.DataFrame, published: pd.DataFrame, publication: Publication
) -> pd.DataFrame:
    """Means, line by line, and the published numbers that they are compared with."""
    metrics = metrics[metrics["metric"] == _METRIC]
    printed = published[(published["metric"] == _METRIC) & (published["stat"] == "mean")]
    means = []
    for name, line in metrics.groupby(named(metrics, besides=("depth", "lift")), sort=False):
        judged = compare(printed, line, publication)
        judged = judged[[*KEY, "lift", "published", "prediction_low", "prediction_high"]]
        means.append(summarise(line).merge(judged, on=[*KEY, "lift"], how="left").assign(line=name))
    return pd.concat(means, ignore_index=True)


def _panel(axes: Axes, means: pd.DataFrame, depths: list[int]) -> None:
    looks = lines_of(means["line"])
    apart = min(_APART, _TOGETHER / len(looks))
    for place, (name, look) in enumerate(looks.items()):
        aside = apart * (place - (len(looks) - 1) / 2)
        line = means[means["line"] == name].sort_values("depth")
        x = line["depth"].map(depths.index) + aside
        axes.plot(x, line["mean"], label=name, **look)
        bars = [line["mean"] - line["prediction_low"], line["prediction_high"] - line["mean"]]
        axes.errorbar(x, line["mean"], bars, fmt="none", ecolor=look["color"], elinewidth=0.8,
                      capsize=2)  # fmt: skip
        fewer = (line["diverged"] > 0).to_numpy()
        axes.plot(x[fewer], line["mean"][fewer], linestyle="", **look, mfc="white", zorder=3)
        axes.plot(x + apart / 2, line["published"], **_star(look["color"]))


def _star(colour: str) -> dict[str, object]:
    return {"linestyle": "", "marker": "*", "markersize": 6.5, "color": colour,
            "markeredgecolor": "black", "markeredgewidth": 0.5, "zorder": 4}  # fmt: skip


def _legend(picture: Picture, means: pd.DataFrame) -> None:
    handles = [Line2D([], [], label=name, **look) for name, look in lines_of(means["line"]).items()]
    if means["published"].notna().any():
        handles.append(Line2D([], [], label="published", **_star("white")))
    if (means["diverged"] > 0).any():
        text = "without diverged runs"
        handles.append(
            Line2D([], [], linestyle="", marker="o", color="black", mfc="white", label=text)
        )
    legend_above(picture, handles)
