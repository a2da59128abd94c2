"""What the looks decide on the claims: files to read, a page, and a picture of the way there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from rknet.files import write_text
from rknet.show.figures.style import LINES, legend_above, page, save, styled
from rknet.show.pages.document import document, heading, listing, paragraph
from rknet.show.pages.listing import Page
from rknet.study.claims import Claim
from rknet.study.decisions import (
    AS_READ,
    NOT_NEEDED,
    as_read,
    decisions,
    sensitivity,
    whole_decisions,
)
from rknet.study.evaluation import whole_id
from rknet.study.sequential import FUTILE, GO_ON, nominal_levels
from rknet.study.statistics import NOT_RUN

#: The colours of verdicts.
_COLOURS = {
    "supported": LINES[2]["color"],
    "contradicted": LINES[1]["color"],
    "futile": LINES[3]["color"],
    "undecided": "0.45",
    GO_ON: "0.75",
}
#: What the table of other readings shows.
_OTHERWISE = (
    "Whether a verdict hangs on one choice: each column makes that choice otherwise in all parts "
    "that have it, and judges them by the same runs, at the level of the look that finished them. "
    "The bound of a comparison is halved and doubled, and others move as the readings say; a share "
    "says how many repetitions must be so; with cells averaged, the mean of a repetition counts in "
    "place of every cell. Open means neither supported nor contradicted."
)
#: Smaller p-values are drawn here.
_LEAST = 1e-7


def write(
    claims: Iterable[Claim],
    history: pd.DataFrame,
    looks: Sequence[int],
    about: Page,
    stem: str | Path,
    picture: str | Path,
    html: str | Path,
) -> None:
    """Write what the looks decide, as ``.csv`` and ``.md``, a picture and a page.

    Parameters
    ----------
    claims : iterable of Claim
    history : pandas.DataFrame
        As `rknet.study.decisions.look` returns it.
    looks : sequence of int
        All that were planned.
    about : Page
    stem, picture : str or Path
        Paths without suffix.
    html : str or Path
    """
    wholes, parts = in_words(claims, history, looks)
    every = pd.concat([wholes.assign(part=""), parts], ignore_index=True)
    write_text(f"{stem}.csv", every.to_csv(index=False, lineterminator="\n"))
    said = summary(wholes, looks)
    moved = sensitive(history, looks)
    text = [
        *(f"# {about.title}", "", said, ""),
        *(wholes.drop(columns="section").to_markdown(index=False), ""),
        *("## Part by part", ""),
        *(parts.drop(columns="id").to_markdown(index=False, floatfmt=".4g"), ""),
        *("## Other readings", "", _OTHERWISE, "", moved.to_markdown(index=False), ""),
    ]
    write_text(f"{stem}.md", "\n".join(text))
    with styled():
        save(draw(history, looks), picture)
    blocks = [
        paragraph(f"{about.caption} {said}"),
        listing(wholes, "decisions", choices=["section", "lift", "verdict"], verdicts=["verdict"]),
        heading("Part by part"),
        listing(parts, "parts", choices=["lift", "verdict"], verdicts=["verdict"]),
        heading("Other readings"),
        paragraph(_OTHERWISE),
        listing(moved, "readings", choices=["lift", "stays"], verdicts=list(moved.columns[3:])),
    ]
    write_text(html, document(about.title, blocks))


def sensitive(history: pd.DataFrame, looks: Sequence[int]) -> pd.DataFrame:
    """How each verdict moves with the choices in its readings, and whether it stays as it is."""
    found = sensitivity(history, looks)
    others = found.columns.drop(["id", "lift", AS_READ])
    moved = found[others].ne(found[AS_READ], axis=0) & found[others].notna()
    stays = [
        "yes" if not row.any() else "but for: " + ", ".join(others[row]) for row in moved.to_numpy()
    ]
    found.insert(2, "stays", stays)
    return found.fillna("")


def in_words(
    claims: Iterable[Claim], history: pd.DataFrame, looks: Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The decisions on whole claims and on their parts, as a reader sees them."""
    about = {claim.id: claim for claim in claims}
    found = decisions(history, looks)
    wholes = whole_decisions(found)
    wholes.insert(1, "section", [about[name].section for name in wholes["id"]])
    wholes.insert(3, "claim", [about[name].statement for name in wholes["id"]])
    parts = pd.DataFrame(
        {
            "id": found["id"].map(whole_id),
            "part": found["id"],
            "lift": found["lift"],
            "quantity": found["quantity"],
            "verdict": found["verdict"],
            "repetitions": found["repetitions"],
            "what was found": found["numbers"],
            "reason": [_reason(row) for row in found.to_dict("records")],
            "p if false": found["p_for"],
            "p if true": found["p_against"],
            "level of the look": found["level"].round(5),
        }
    )
    return wholes, parts


def _reason(part: dict[str, object]) -> str:
    level = f"{part['level']:.2g}"
    if part["verdict"] == "supported":
        return f"p = {part['p_for']:.2g} is at most the look's level, {level}"
    if part["verdict"] == "contradicted":
        return f"p = {part['p_against']:.2g} is at most the look's level, {level}"
    if part["verdict"] == NOT_RUN:
        return ""
    if part["verdict"] == NOT_NEEDED:
        return "another part has refuted the claim"
    within = (
        f"{part['low']:.0%} to {part['high']:.0%} of all repetitions are so (interval at the "
        "look's level)"
        if part["n"]
        else "nothing could be tested"
    )
    if part["verdict"] == "futile":
        return f"a later look decides with a probability below {FUTILE:.0%}; {within}"
    if part["verdict"] == GO_ON:
        return f"a later look decides with a probability of {part['power']:.0%}; {within}"
    return f"open at the last look; {within}"


def summary(wholes: pd.DataFrame, looks: Sequence[int]) -> str:
    """How many verdicts were reached, and with how many repetitions, in a few sentences."""
    counts = wholes["verdict"].value_counts()
    words = {"supported": "supported", "contradicted": "contradicted",
             "futile": "futile (further repetitions would hardly decide)",
             "undecided": f"undecided at {looks[-1]} repetitions",
             GO_ON: "open", NOT_RUN: "not run"}  # fmt: skip
    said = ", ".join(f"{counts[name]} {text}" for name, text in words.items() if name in counts)
    planned = ", ".join(map(str, looks))
    return (
        f"{len(wholes)} verdicts on claims, with looks at {planned} repetitions: {said}. All looks "
        "together err in at most 5 % of cases, for each verdict and direction."
    )


def summary_of(file: str | Path, looks: Sequence[int]) -> str:
    """The same, from the file of decisions."""
    every = pd.read_csv(file)
    return summary(every[every["part"].isna()], looks)


def draw(history: pd.DataFrame, looks: Sequence[int]) -> Picture:
    """Draw the p-values of every claim over the looks, with the boundaries that decide.

    Of a claim, the part counts that is least supported (left), and most refuted (right).
    """
    wholes = whole_decisions(decisions(history, looks))
    verdicts = wholes.set_index(["id", "lift"])["verdict"]
    tested = as_read(history).dropna(subset="p_for")
    picture = page(height=3.6)
    sides = picture.subplots(1, 2, sharey=True)
    for axes, column, together, title in (
        (sides[0], "p_for", "max", "if the claim is false"),
        (sides[1], "p_against", "min", "if the claim is true"),
    ):
        axes.fill_between(looks, nominal_levels(tuple(looks)), _LEAST / 2, color="0.92", step=None)
        axes.plot(looks, nominal_levels(tuple(looks)), color="black", linewidth=1)
        for (name, lift), rows in tested.groupby([tested["id"].map(whole_id), "lift"], sort=False):
            _line(axes, rows, column, together, _COLOURS.get(verdicts[name, lift], "0.6"), name)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks(looks, looks)
        axes.set(xlabel="repetitions", ylim=(_LEAST / 2, 1.5))
        axes.set_title(f"probability of such runs {title}", fontsize="small")
    sides[0].set_ylabel("p-value")
    handles = [
        plt.Line2D([], [], color=colour, label=name)
        for name, colour in _COLOURS.items()
        if (verdicts == name).any()
    ]
    boundary = plt.Line2D([], [], color="black", label="decided below")
    legend_above(picture, [*handles, boundary])
    return picture


def _line(
    axes: Axes, rows: pd.DataFrame, column: str, together: str, colour: str, name: str
) -> None:
    """A claim's p-values over the looks; a part that is decided keeps its last one."""
    by_look = rows.pivot(index="repetitions", columns="id", values=column).ffill()
    values = by_look.agg(together, axis=1).clip(lower=_LEAST)
    axes.plot(
        values.index, values, color=colour, marker="o", markersize=2.5, linewidth=0.8, gid=name
    )
