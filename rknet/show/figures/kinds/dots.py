"""Networks side by side: every repetition a dot, their mean a line."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.line_names import named
from rknet.show.figures.style import LINES, page
from rknet.show.labels import label
from rknet.study.publication import Publication

#: Inches for each row of dots, and for what is around them.
_ROW, _AROUND = 0.15, 0.9
#: Axes that other axes of the same cell decide, or the panels show.
_NOT_NAMED = ("dataset", "step_size", "engine")


@KINDS.register("dots")
def draw(
    files: Files,
    publication: Publication,  # noqa: ARG001  # as all figures of metrics get it
    metric: str = "accuracy_percent",
    split: str = "validation",
) -> Picture:
    """Draw a metric of the last epoch: a panel for each dataset, a row of dots for each network.

    Parameters
    ----------
    files : Files
        The ``metrics`` of an experiment.
    publication : Publication
        Without effect: nothing printed is shown.
    metric, split : str, optional
        What is shown.

    Notes
    -----
    A dot is a repetition, a line the mean of those that did not diverge.
    """
    metrics = pd.concat(map(pd.read_csv, files.metrics), ignore_index=True)
    rows = metrics[(metrics["metric"] == metric) & (metrics["split"] == split)]
    rows = rows.assign(line=named(rows, besides=_NOT_NAMED))
    lines, datasets = list(dict.fromkeys(rows["line"])), list(dict.fromkeys(rows["dataset"]))
    picture = page(height=_AROUND + _ROW * len(lines))
    panels = picture.subplots(1, len(datasets), sharey=True, squeeze=False)[0]
    for axes, dataset in zip(panels, datasets, strict=True):
        _panel(axes, rows[rows["dataset"] == dataset], lines)
        axes.set_title(label("dataset", dataset))
        axes.set_xlabel(label("metric", metric))
    panels[0].set_yticks(range(len(lines)), lines, fontsize="small")
    panels[0].set_ylim(len(lines) - 0.5, -0.5)
    return picture


def _panel(axes: Axes, rows: pd.DataFrame, lines: list[str]) -> None:
    dot, mean = LINES[0]["color"], LINES[1]["color"]
    axes.grid(axis="y")
    axes.plot(rows["value"], rows["line"].map(lines.index), ".", color=dot, alpha=0.6)
    means = rows[rows["status"] != "diverged"].groupby("line", sort=False)["value"].mean()
    axes.plot(means, means.index.map(lines.index), "|", color=mean, markersize=9, zorder=3)
