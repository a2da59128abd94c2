"""The whole comparison: how far every published number is from the reproduced one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D

from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.style import LINES, legend_above, page
from rknet.show.labels import LIFTS
from rknet.study.comparison import NUMBER
from rknet.study.publication import Publication

#: The end of the axis, in half-widths of the prediction interval.
_END = 3.0
#: Marks of the verdicts: consistent, inconsistent, and inconsistent even after adjustment for many
#: comparisons.
_LOOKS = {
    "consistent": {"color": LINES[0]["color"], "marker": "o"},
    "inconsistent": {"color": LINES[3]["color"], "marker": "D"},
    "inconsistent, also adjusted": {"color": LINES[1]["color"], "marker": "s"},
}
#: The font size of the texts next to the axes, in points.
_TEXT = 7
#: A mark's size in points, and its extent along and across, in axis units.
_SIZE, _ALONG, _ACROSS = 4.0, 0.08, 0.15


@KINDS.register("verdicts")
def draw(files: Files, publication: Publication) -> Picture:
    """Draw the distance of each published number from the reproduced one, by table and lift.

    Parameters
    ----------
    files : Files
        The ``comparison``, as `rknet.study.comparison.compare` makes it.
    publication : Publication
        Says how numbers are rounded, and what its editions are called.

    Notes
    -----
    The distance is in half-widths of the 95 % prediction interval, see `distances`. Numbers in the
    grey band are consistent; colour and shape show the verdict. Numbers beyond the axis are arrows
    at its end. The text at the right says how many numbers of a group are consistent, and how many
    have fewer than two runs. Tables are shown whole, as they are counted elsewhere; one whose
    numbers an earlier edition has printed already is left out.
    """
    shown = distances(pd.concat(map(pd.read_csv, files.comparison)), publication)
    decided = shown.dropna(subset="distance")
    if decided.empty:
        return _nothing(len(shown))
    groups = list(dict.fromkeys(shown["group"]))
    picture = page(height=1.1 + 0.42 * len(groups))
    axes = picture.subplots()
    axes.axvspan(-1, 1, color="0.9", linewidth=0)
    axes.axvline(0, color="0.6", linewidth=0.6)
    for row, group in enumerate(groups):
        _row(axes, row, shown[shown["group"] == group])
    _beside(axes, -0.75, "consistent")
    axes.set(xlim=(-_END - 0.15, _END + 0.15), ylim=(len(groups) - 0.5, -0.5))
    axes.set_yticks(range(len(groups)), groups, linespacing=1.1)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(_axis_title(len(shown) - len(decided), publication.level))
    _legend(picture, decided)
    return picture


def distances(comparison: pd.DataFrame, publication: Publication) -> pd.DataFrame:
    """The place of each published number in its prediction interval.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `rknet.study.comparison.compare` makes it.
    publication : Publication

    Returns
    -------
    pandas.DataFrame
        The rows of the comparison, without the tables of later editions that repeat numbers of
        earlier ones and nothing else, with three more columns.
        ``distance`` is 0 at the interval's middle (for a mean, the reproduced one) and ±1 at its
        ends. A printed number stands for all numbers that round to it; the one nearest to the
        middle counts, so that the verdict is consistent up to a distance of 1. The distance is
        infinite if the interval is a single point and the number misses it, and NaN with fewer
        than two runs. ``group`` is the table and lift, and ``look`` a key of the marks.
    """
    rows = first_printed(comparison, publication)
    middle = (rows["prediction_low"] + rows["prediction_high"]) / 2
    half = (rows["prediction_high"] - rows["prediction_low"]) / 2
    beyond = rows["published"] - middle
    beyond = np.sign(beyond) * (beyond.abs() - rows["metric"].map(dict(publication.rounding))).clip(
        lower=0
    )
    exact = (beyond == 0) & half.notna()
    tables = zip(rows["edition"], rows["table"], strict=True)
    places = pd.Series([table_name(*table, publication) for table in tables], index=rows.index)
    look = rows["verdict"].mask(
        rows["verdict_adjusted"] == "inconsistent", "inconsistent, also adjusted"
    )
    return rows.assign(
        distance=(beyond / half).mask(exact, 0.0),
        group=places + "\n" + rows["lift"].map(LIFTS),
        look=look,
    )


def first_printed(rows: pd.DataFrame, publication: Publication) -> pd.DataFrame:
    """Rows of printed numbers in order, without tables of later editions that repeat earlier ones.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns ``edition``, ``table``, `NUMBER`, ``published`` and, if compared, ``lift``.
    publication : Publication
        Says which editions are earlier.
    """
    order = {name: place for place, name in enumerate(publication.editions)}
    rows = rows.assign(place=rows["edition"].map(order))
    rows = rows.sort_values(["place", "table"], kind="stable")
    number = [name for name in (*NUMBER, "published", "lift") if name in rows]
    first = rows.groupby(number)["place"].transform("min")
    repeats = (first < rows["place"]).groupby([rows["edition"], rows["table"]]).transform("all")
    return rows[~repeats].drop(columns="place")


def table_name(edition: str, number: int, publication: Publication) -> str:
    """A table's name; that of the edition by whose numbers tables are known does not say it."""
    usual, *_ = publication.editions
    return f"Table {number}" if edition == usual else f"{edition}, Table {number}"


def _row(axes: Axes, row: int, group: pd.DataFrame) -> None:
    """Draw the marks of a group, and how many numbers are consistent, and how many undecided."""
    undecided = int(group["distance"].isna().sum())
    said = [f"{undecided} undecided"] if undecided else []
    group = group.dropna(subset="distance").sort_values("distance", kind="stable")
    if group.empty:
        _beside(axes, row, *said)
        return
    x = group["distance"].clip(-_END, _END)
    y = pd.Series(levels(x, _ALONG), index=x.index)
    # Many marks at one place move closer together, so that they do not reach the next group.
    y = row + y * min(_ACROSS, 0.4 / max(1, y.abs().max()))
    marks = group["look"].map(lambda look: _LOOKS[look]["marker"])
    marks = marks.mask(group["distance"] > _END, ">").mask(group["distance"] < -_END, "<")
    for (look, marker), chosen in group.groupby([group["look"], marks], sort=False).groups.items():
        axes.plot(x[chosen], y[chosen], linestyle="", marker=marker, markersize=_SIZE,
                  color=_LOOKS[look]["color"], markeredgewidth=0.5, gid=look)  # fmt: skip
    within = (group["verdict"] == "consistent").sum()
    _beside(axes, row, "\n".join([f"{within} of {len(group)}", *said]))


def _beside(axes: Axes, row: float, text: str) -> None:
    axes.text(1.01, row, text, transform=axes.get_yaxis_transform(), va="center", size=_TEXT)


def levels(x: Iterable[float], width: float) -> list[int]:
    """How far from the middle line to draw each of the sorted `x`, so that no mark covers another.

    Parameters
    ----------
    x : iterable of float
        In ascending order.
    width : float
        The room that each takes.

    Returns
    -------
    list of int
        0, 1, -1, 2, …: for each, the first row in which the one before is at least `width` away.
    """
    last: dict[int, float] = {}
    found = []
    for value in x:
        level = next(
            level
            for level in ((1 + k) // 2 * (-1) ** (k + 1) for k in count())
            if value - last.get(level, -np.inf) >= width
        )
        last[level] = value
        found.append(level)
    return found


def _axis_title(undecided: int, level: float) -> str:
    share = f"{100 * level:g} %"
    title = f"(published − reproduced) / half-width of the {share} prediction interval"
    note = f"\n{undecided} numbers with fewer than two runs are undecided" if undecided else ""
    return title + note


def _legend(picture: Picture, decided: pd.DataFrame) -> None:
    handles = [
        Line2D([], [], linestyle="", markersize=_SIZE, markeredgewidth=0.5, label=name, **look)
        for name, look in _LOOKS.items()
        if (decided["look"] == name).any()
    ]
    if (decided["distance"].abs() > _END).any():
        text = f"beyond ±{_END:g}"
        handles.append(
            Line2D(
                [],
                [],
                linestyle="",
                marker=">",
                markersize=_SIZE,
                markeredgewidth=0.5,
                color="black",
                label=text,
            )
        )
    legend_above(picture, handles)


def _nothing(undecided: int) -> Picture:
    picture = page(height=1.2)
    why = (
        f"{undecided} published numbers have runs, but fewer than two each: no interval."
        if undecided
        else "No published number is compared: no run is of a published cell."
    )
    picture.text(0.5, 0.5, why, ha="center", va="center")
    return picture
