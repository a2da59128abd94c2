"""Accuracy and cost over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D

from rknet.cell import AXES
from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.line_names import named
from rknet.show.figures.style import legend_above, lines_of, page
from rknet.show.labels import label
from rknet.study.frames import curves

#: The metrics that are drawn, from left to right, with the titles of their axes.
METRICS = {"accuracy_percent": label("metric", "accuracy_percent"), "cost": "cost"}
_STYLES = {"validation": "-", "training": ":"}
#: The approximate number of marks on a line.
_MARKS = 7


@KINDS.register("curves")
def draw(
    files: Files,
    splits: Sequence[str] = ("validation",),
    band: bool = False,
    epochs: int | None = None,
) -> Picture:
    """Draw accuracy (left) and cost (right) over the epochs, with a line for each cell.

    Parameters
    ----------
    files : Files
        Its ``histories``.
    splits : sequence of str, optional
        ``validation`` is solid, ``training`` dotted.
    band : bool, optional
        Whether the standard deviation over repetitions is shaded.
    epochs : int, optional
        The last epoch shown; all if None.

    Notes
    -----
    Lines are means, see `mean_over_runs`. A cross marks where a run stops early; the mean continues
    over the others. If some runs diverged or are missing, the legend
    says how many runs a line is the mean of. Lines may coincide, so later ones are thinner and
    have their marks at other epochs.
    """
    frame = curves(files.histories)
    frame = frame.assign(line=named(frame))
    means = mean_over_runs(frame)
    if epochs is not None:
        means = means[means["epoch"] <= epochs]
    names = _legend(frame)
    picture = page(height=2.7)
    for axes, (metric, title) in zip(picture.subplots(1, 2), METRICS.items(), strict=True):
        shown = means[means["metric"] == metric]
        plot(axes, shown, list(names), splits, band)
        axes.set(xlabel="epoch", ylabel=title)
    _add_legend(picture, splits, names, bool(means["stops"].any()))
    return picture


def mean_over_runs(frame: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over the runs of each line, epoch by epoch.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `rknet.study.frames.curves` makes it, with a column ``line``.

    Returns
    -------
    pandas.DataFrame
        A row for each line, split, metric and epoch: ``mean`` and population ``std`` (n in the
        denominator) over the ``n`` runs that reached the epoch, and ``stops``, which says whether
        one of these runs stopped early then. Diverged runs are left out: their first epochs would
        make networks that fail to train look as if they trained.
    """
    frame = frame[frame["status"] != "diverged"]
    last = frame.groupby(["line", *AXES, "seed"], sort=False, dropna=False)["epoch"].transform(
        "max"
    )
    stops = (frame["status"] == "stopped") & (frame["epoch"] == last)
    found = frame.assign(stops=stops).groupby(["line", "split", "metric", "epoch"], sort=False)
    values = found["value"]
    return pd.DataFrame(
        {
            "mean": values.mean(),
            "std": values.std(ddof=0),
            "n": values.size(),
            "stops": found["stops"].any(),
        }
    ).reset_index()


def plot(
    axes: Axes,
    means: pd.DataFrame,
    names: Sequence[str],
    splits: Sequence[str] = ("validation",),
    band: bool = True,
) -> None:
    """Draw lines over the epochs.

    Parameters
    ----------
    axes : Axes
    means : pandas.DataFrame
        As `mean_over_runs` makes it, of one metric.
    names : sequence of str
        Of the lines, in order.
    splits : sequence of str, optional
        Which are drawn.
    band : bool, optional
        Whether with the standard deviation.
    """
    looks = lines_of(names)
    every = max(1, round(means["epoch"].nunique() / _MARKS))
    for place, name in enumerate(names):
        look = looks[name]
        for split in splits:
            line = means[(means["line"] == name) & (means["split"] == split)]
            axes.plot(
                line["epoch"],
                line["mean"],
                _STYLES[split],
                label=f"{name}, {split}",
                linewidth=_width(place, len(names)),
                markevery=(place * every // len(names), every),
                **look,
            )
            stops = line[line["stops"]]
            axes.plot(stops["epoch"], stops["mean"], "x", color="black", markersize=6, zorder=3)
            if band:
                low, high = line["mean"] - line["std"], line["mean"] + line["std"]
                axes.fill_between(
                    line["epoch"], low, high, color=look["color"], alpha=0.2, linewidth=0
                )
    axes.margins(x=0.02)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y")


def _width(place: int, lines: int) -> float:
    """Widths of lines: wide for the lowest, thin for the uppermost."""
    return 1.8 - 1.0 * place / max(1, lines - 1)


def _legend(frame: pd.DataFrame) -> dict[str, str]:
    """By line, in order, its text in the legend, with the number of runs if some are left out."""
    runs = frame.drop_duplicates(["line", "seed"])
    good = runs["status"].ne("diverged").groupby(runs["line"], sort=False).sum()
    every = runs["seed"].nunique()
    return {
        name: name if count == every else f"{name} ({count} of {every} runs)"
        for name, count in good.items()
    }


def _add_legend(
    picture: Picture, splits: Sequence[str], names: dict[str, str], stops: bool
) -> None:
    handles = line_handles(names)
    if len(splits) > 1:
        handles += [
            Line2D([], [], color="black", linestyle=_STYLES[split], label=split) for split in splits
        ]
    legend_above(picture, handles + stop_handles(stops))


def line_handles(names: Mapping[str, str]) -> list[Line2D]:
    """Handles of a legend, from the names of lines to their texts."""
    return [
        Line2D([], [], label=names[name], linewidth=_width(place, len(names)), **look)
        for place, (name, look) in enumerate(lines_of(names).items())
    ]


def stop_handles(stops: bool) -> list[Line2D]:
    """Handles of a legend that explain crosses, if there are any."""
    text = "a run stops early"
    return [Line2D([], [], color="black", marker="x", linestyle="", label=text)] if stops else []
