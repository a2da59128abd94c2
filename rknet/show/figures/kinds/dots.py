"""Networks side by side: every repetition a dot, their mean a line, what is printed a star."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.line_names import named
from rknet.show.figures.style import LINES, legend_above, page
from rknet.show.labels import LIFTS, label
from rknet.study.comparison import KEY, as_compared, runs_at_protocol
from rknet.study.publication import Publication

#: Inches for each row and around all; and for each repetition, up to so many, to have room in it.
_ROW, _AROUND, _REPETITION, _MOST = 0.15, 1.1, 0.01, 20
#: Axes that other axes of the same cell decide.
_NOT_NAMED = ("step_size", "engine")


@KINDS.register("dots")
def draw(
    files: Files,
    publication: Publication,
    metric: str = "accuracy_percent",
    split: str = "validation",
    panels: str = "dataset",
    edition: str = "",
    table: int = 0,
) -> Picture:
    """Draw a metric of the last epoch: a panel for each dataset or lift, a row for each network.

    Parameters
    ----------
    files : Files
        The ``metrics`` of an experiment, and the ``published`` numbers.
    publication : Publication
        Says what its numbers were printed as, and at which protocol.
    metric, split : str, optional
        What is shown.
    panels : str, optional
        The axis whose values have a panel each.
    edition : str, optional
    table : int, optional
        The means in this table are shown as stars beside runs of their setting; none if 0.

    Notes
    -----
    A dot is a repetition, a line their mean. Repetitions that would hide each other are beside each
    other. Runs that diverged have no value; the title counts them.
    """
    metrics = pd.concat(map(pd.read_csv, files.metrics), ignore_index=True)
    rows = metrics[(metrics["metric"] == metric) & (metrics["split"] == split)]
    rows = rows.assign(line=named(rows, besides=(panels, *_NOT_NAMED)))
    printed = as_compared(pd.concat(map(pd.read_csv, files.published)), publication)
    of_table = (printed["edition"] == edition) & (printed["table"] == table)
    printed = printed[of_table & (printed["stat"] == "mean")]
    stars = runs_at_protocol(rows, publication).merge(printed[[*KEY, "published"]], on=KEY)
    # Networks are compared on a dataset.
    lines = list(rows.groupby("dataset", sort=False)["line"].unique().explode().unique())
    values = rows[panels].unique()
    row = _ROW + _REPETITION * min(rows["seed"].nunique(), _MOST)
    picture = page(height=_AROUND + row * len(lines))
    # Lifts are compared, datasets are not.
    apart = panels == "dataset"
    (grid,) = picture.subplots(1, len(values), sharex=not apart, sharey=True, squeeze=False)
    for axes, value in zip(grid, values, strict=True):
        of_panel = rows[rows[panels] == value]
        _panel(axes, of_panel, stars[stars[panels] == value], lines)
        diverged = of_panel["value"].isna().sum()
        name = LIFTS.get(value, label(panels, value))
        axes.set_title(f"{name}; {diverged} diverged" if diverged else name)
        axes.set(xlabel=label("metric", metric), ylabel="")
    grid[0].tick_params(axis="y", labelsize="small")
    handles = [part for axes in grid for part in axes.get_legend_handles_labels()[0]]
    legend_above(picture, list({part.get_label(): part for part in handles}.values()))
    return picture


def _panel(axes: Axes, rows: pd.DataFrame, stars: pd.DataFrame, lines: list[str]) -> None:
    where = {"y": "line", "order": lines, "legend": False, "ax": axes}
    dot, mean = LINES[0]["color"], LINES[1]["color"]
    # All runs of a setting have the same star.
    for frame, x, name, look in (
        (rows, "value", "mean", {"marker": "|", "color": mean, "markersize": 10, "mew": 1.2}),
        (stars, "published", "published", {"marker": "*", "mfc": "none", "markersize": 8,
                                           "mec": "black", "mew": 0.8}),
    ):  # fmt: skip
        sns.pointplot(frame, x=x, errorbar=None, linestyle="none", label=name, zorder=4, **look,
                      **where)  # fmt: skip
    # If a row has no room left, some dots lie on others; Seaborn would warn of it.
    sns.swarmplot(rows, x="value", color=dot, size=2.6, label="repetition", warn_thresh=1,
                  zorder=3, **where)  # fmt: skip
    # Seaborn takes the grid off an axis of names.
    axes.grid(axis="y")
