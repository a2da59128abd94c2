"""All verdicts at a glance: the picture that the report begins with, and the same in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Picture
from matplotlib.patches import Patch

from rknet.show.figures.kinds.verdicts import first_printed, table_name
from rknet.show.figures.style import LINES, legend_above
from rknet.study.claims import whole_claims
from rknet.study.comparison import as_compared
from rknet.study.publication import Publication
from rknet.study.sequential import GO_ON
from rknet.study.statistics import NOT_RUN

#: What a number is that has no run of its cell.
NOT_COMPARED = "not compared"
#: The colours of verdicts, in the order in which a bar has them.
COLOURS = {
    "consistent": LINES[0]["color"],
    "supported": LINES[0]["color"],
    "inconsistent": LINES[1]["color"],
    "contradicted": LINES[1]["color"],
    "undecided": LINES[3]["color"],
    "futile": "0.6",
    NOT_COMPARED: "0.88",
    NOT_RUN: "0.88",
}
#: The headings of the two parts.
BY_TABLE, BY_SECTION = "Printed numbers, by table and lift", "Claims, by section"
#: The width of the picture in inches: a phone shows its text about as large as its own.
_WIDTH = 3.6
#: The height of a bar, and of what is above the bars of a part, in inches.
_BAR, _ABOVE = 0.19, 0.34
#: Room that a digit of a count needs, and room beside the count, as shares of a bar.
_DIGIT, _BESIDE = 0.04, 0.02


def at_a_glance(
    comparison: pd.DataFrame,
    published: pd.DataFrame,
    verdicts: pd.DataFrame,
    publication: Publication,
) -> dict[str, pd.DataFrame]:
    """How many verdicts of each kind there are: of the printed numbers, and of the claims.

    Parameters
    ----------
    comparison : pandas.DataFrame
        As `rknet.study.comparison.compare` makes it.
    published : pandas.DataFrame
        All printed numbers.
    verdicts : pandas.DataFrame
        The claims, as `latest` returns them.
    publication : Publication

    Returns
    -------
    dict of pandas.DataFrame
        By heading, a row for each bar and a column for each verdict that occurs. A paper without
        printed numbers, or without claims, lacks that part.
    """
    parts = {
        BY_TABLE: _by_table(comparison, published, publication),
        BY_SECTION: _by_section(verdicts),
    }
    return {
        heading: counts[[name for name in COLOURS if name in counts]]
        for heading, counts in parts.items()
        if len(counts)
    }


def latest(claims: pd.DataFrame, decisions: pd.DataFrame | None) -> pd.DataFrame:
    """The verdicts on whole claims: those of the looks, where these have been at a claim.

    Parameters
    ----------
    claims : pandas.DataFrame
        As `rknet.study.evaluation.evaluate` makes it.
    decisions : pandas.DataFrame or None
        As `rknet.show.decisions.write` writes it.
    """
    wholes = whole_claims(claims)
    wholes = wholes.assign(section=wholes["section"].astype(str))
    if decisions is None:
        return wholes
    looked = decisions[decisions["part"].isna()].set_index(["id", "lift"])["verdict"]
    looked = looked.replace(GO_ON, "undecided").to_dict()
    keys = zip(wholes["id"], wholes["lift"], wholes["verdict"], strict=True)
    return wholes.assign(verdict=[looked.get((name, lift), found) for name, lift, found in keys])


def _by_table(
    comparison: pd.DataFrame, published: pd.DataFrame, publication: Publication
) -> pd.DataFrame:
    """The numbers of each table and lift; a table that repeats an earlier edition's is left out."""
    if published.empty:
        return pd.DataFrame()
    tables = ["edition", "table"]
    printed = as_compared(published, publication)
    rows: dict[str, dict[str, int]] = {}
    compared = dict(list(comparison.groupby(tables)))
    for table, numbers in first_printed(printed, publication).groupby(tables, sort=False):
        name = table_name(*table, publication)
        if table not in compared:
            rows[name] = {NOT_COMPARED: len(numbers)}
        else:
            for lift, of_lift in compared[table].groupby("lift"):
                found = of_lift["verdict"].value_counts().to_dict()
                rows[f"{name}, {lift}"] = found | {NOT_COMPARED: len(numbers) - len(of_lift)}
    return _counted(rows)


def _by_section(verdicts: pd.DataFrame) -> pd.DataFrame:
    """The claims of each section, each as often as it has lifts."""
    rows = {}
    ordered = verdicts.sort_values("section", key=in_order, kind="stable")
    for section, found in ordered.groupby("section", sort=False)["verdict"]:
        name = f"Section {section}" if section[0].isdigit() else section
        rows[name] = found.value_counts().to_dict()
    return _counted(rows)


def in_order(sections: pd.Series) -> pd.Series:
    """Sorts sections by number, after those without one, such as the abstract."""
    return sections.map(
        lambda name: tuple(map(int, re.findall(r"\d+", name))) if name[0].isdigit() else ()
    )


def _counted(rows: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
    counts = pd.DataFrame(list(rows.values()), index=list(rows)).fillna(0).astype(int)
    return counts.loc[:, counts.any()]


def in_words(parts: Mapping[str, pd.DataFrame]) -> str:
    """What the picture says, for who cannot see it.

    Parameters
    ----------
    parts : mapping
        As `at_a_glance` returns them.
    """
    if not parts:
        return "There is no printed number and no claim to judge."
    return " ".join(
        f"{heading}: "
        + "; ".join(
            f"{bar}: " + ", ".join(f"{count} {name}" for name, count in row.items() if count)
            for bar, row in counts.iterrows()
        )
        + "."
        for heading, counts in parts.items()
    )


def draw(parts: Mapping[str, pd.DataFrame]) -> Picture:
    """Draw the verdicts as stacked bars, as wide as a phone.

    Parameters
    ----------
    parts : mapping
        As `at_a_glance` returns them.

    Notes
    -----
    All bars have the same length, so a part of one is a share; the number in it is the count. A
    part is never narrower than its number, so that a single inconsistent number is seen.
    """
    bars = [len(counts) for counts in parts.values()]
    picture = Picture(figsize=(_WIDTH, 0.6 + sum(_ABOVE + _BAR * count for count in bars)))
    if not parts:
        picture.text(0.5, 0.5, in_words(parts), ha="center", va="center")
        return picture
    sides = picture.subplots(len(parts), squeeze=False, height_ratios=bars)[:, 0]
    for axes, (heading, counts) in zip(sides, parts.items(), strict=True):
        _bars(axes, counts)
        axes.set_title(heading, loc="left", fontweight="bold")
    legend_above(picture, _handles(parts))
    return picture


def _bars(axes: Axes, counts: pd.DataFrame) -> None:
    for row, (_, found) in enumerate(counts.iterrows()):
        left = 0.0
        widths = shares(found.tolist())
        for (name, count), width in zip(found.items(), widths, strict=True):
            if count:
                colour = COLOURS[str(name)]
                axes.barh(row, width, 0.8, left, color=colour, edgecolor="white", linewidth=0.6)
                axes.text(left + width / 2, row, str(count), color=_ink(colour), size=7,
                          ha="center", va="center_baseline", gid=name)  # fmt: skip
            left += width
    axes.set(xlim=(0, 1), ylim=(len(counts) - 0.5, -0.5), xticks=[])
    axes.set_yticks(range(len(counts)), counts.index)
    axes.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def shares(counts: Sequence[int]) -> np.ndarray:
    """The shares of a bar that counts get, none of which is narrower than its number.

    Parameters
    ----------
    counts : sequence of int
        Not all 0; one that is gets no room.
    """
    least = np.array([_BESIDE + _DIGIT * len(str(count)) if count else 0.0 for count in counts])
    found = np.maximum(np.array(counts) / sum(counts), least)
    # What the narrow ones need is taken from the room that the others have beyond their numbers.
    spare = found - least
    return found - spare * (found.sum() - 1) / spare.sum() if found.sum() > 1 else found


def _ink(colour: str) -> str:
    """Black or white, whichever is easier to read on a colour (WCAG's relative luminance)."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return "black" if linear @ (0.2126, 0.7152, 0.0722) > 0.179 else "white"


def _handles(parts: Mapping[str, pd.DataFrame]) -> list[Patch]:
    """A colour's mark for the legend, with the verdicts that have it."""
    shown = {name for counts in parts.values() for name in counts}
    names: dict[str, list[str]] = {}
    for name, colour in COLOURS.items():
        if name in shown:
            names.setdefault(colour, []).append(name)
    return [Patch(color=colour, label=", ".join(found)) for colour, found in names.items()]
