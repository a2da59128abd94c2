"""The verdicts on claims, as a page to read (Markdown) and a table to print (LaTeX, booktabs)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from rknet.files import write_text
from rknet.show.labels import ARCHIVED, LIFTS
from rknet.show.latex import escaped, tabular
from rknet.study.claims import rest_on_archive, whole_claims
from rknet.study.statistics import VERDICTS

#: So many claims have room on a printed page, each with a statement of two lines or three.
ON_A_PAGE = 10

# Symbols that occur in claims, in addition to those of every table.
_SYMBOLS = {"≥": r"$\geq$", "μ": r"$\mu$", "δ": r"$\delta$", "·": r"$\cdot$"}


def write(
    verdicts: pd.DataFrame, definitions: Mapping[str, str], stem: str | Path, taken: str = ""
) -> None:
    """Write the verdicts as ``.csv``, ``.md`` and ``.tex``.

    Parameters
    ----------
    verdicts : pandas.DataFrame
        As `rknet.study.evaluation.evaluate` makes it.
    definitions : mapping
        The paper's words, each with the meaning they are given here, for readers.
    stem : str or Path
        Path of the files without suffix.
    taken : str, optional
        The runs from the archive, as `rknet.study.frames.archived_in_words` says it.
    """
    note = archive_note(verdicts, taken)
    write_text(f"{stem}.csv", verdicts.to_csv(index=False, lineterminator="\n"))
    write_text(f"{stem}.md", _markdown(verdicts, definitions, note))
    write_text(f"{stem}.tex", _latex(verdicts, note))


def archive_note(verdicts: pd.DataFrame, taken: str) -> str:
    """What the mark of verdicts that rest on runs from the archive means; empty if none does.

    Parameters
    ----------
    verdicts, taken
        As `write` takes them.
    """
    return f"{ARCHIVED} {taken}" if rest_on_archive(verdicts).any() else ""


def overview(wholes: pd.DataFrame, first: list[str], last: list[str]) -> pd.DataFrame:
    """A row a claim: effect, interval, n and power beside the verdict, as text.

    Parameters
    ----------
    wholes : pandas.DataFrame
        Verdicts on whole claims.
    first, last : list of str
        The columns before and after these.
    """
    columns = (wholes[name] for name in ("effect", "low", "high"))
    found = ["–" if np.isnan(effect) else f"{effect:.0%} [{low:.0%}, {high:.0%}]"
             for effect, low, high in zip(*columns, strict=True)]  # fmt: skip
    shown = wholes.assign(n=[str(n) if n else "–" for n in wholes["n"]], share=found)
    shown = shown[[*first, "share", "n", "reach", "printed", *last]].fillna("")
    return shown.rename(columns={"statement": "claim", "share": "repetitions that are so"})


def _markdown(verdicts: pd.DataFrame, definitions: Mapping[str, str], note: str) -> str:
    wholes = whole_claims(verdicts)
    counts = wholes["verdict"].value_counts()
    counted = ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in VERDICTS)
    wholes = wholes.assign(verdict=_marked(wholes))
    shown = overview(wholes, ["id", "lift", "statement", "verdict"], ["runs"])
    lines = [
        "# The claims, tested",
        "",
        f"{len(wholes)} verdicts: {counted}. The end of this page defines the verdicts and "
        "other words.",
        "",
        *_table(shown.to_dict("records"), list(shown.columns)),
        "",
        *([note, ""] if note else []),
    ]
    for (section, name), rows in verdicts.groupby(
        ["section", verdicts["id"].str.split(".").str[0]], sort=False
    ):
        lines += [f"## {name}", "", f"{rows['statement'].iloc[0]} ({_place(section)})", ""]
        for lift, of_lift in rows.groupby("lift", sort=False):
            lines += _paragraph(lift, of_lift)
    if definitions:
        rows = [{"words": words, "meaning": meaning} for words, meaning in definitions.items()]
        lines += ["## Definitions", "", *_table(rows, ["words", "meaning"]), ""]
    return "\n".join(lines)


def _marked(wholes: pd.DataFrame) -> pd.Series:
    """The verdicts, marked where they rest on runs from the archive."""
    return wholes["verdict"] + rest_on_archive(wholes).map({True: ARCHIVED, False: ""})


def _place(section: str) -> str:
    """A section of the paper in running text; the abstract has no number."""
    return f"Section {section}" if section[0].isdigit() else f"the {section.lower()}"


def _paragraph(lift: str, rows: pd.DataFrame) -> list[str]:
    """A claim under one lift: the verdict, then the results behind it."""
    whole = rows.iloc[0]
    lifted = "" if lift == "–" else f"Lift {lift}: "
    opening = f"{lifted}**{whole['verdict']}**, {whole['reason']}. "
    if whole["runs"]:
        opening += f"It rests on {whole['runs']}."
    shown = rows.iloc[1:] if len(rows) > 1 else rows
    columns = ["id", "quantity", "test", "numbers", "reach", "verdict", "reason", "printed", "why"]
    return [opening.rstrip(), "", *_table(shown.to_dict("records"), columns), ""]


def _table(rows: Iterable[dict[str, str]], columns: list[str]) -> list[str]:
    """The lines of a Markdown table; a bar inside a cell is escaped."""
    body = [[str(row[column]).replace("|", r"\|") for column in columns] for row in rows]
    return [f"| {' | '.join(cells)} |" for cells in (columns, ["---"] * len(columns), *body)]


def _on_pages(wholes: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The claims of each section, as many together as a page has room for: no table can break."""
    for section, rows in wholes.groupby("section", sort=False):
        names = rows["id"].unique()
        for first in range(0, len(names), ON_A_PAGE):
            yield section, rows[rows["id"].isin(names[first : first + ON_A_PAGE])]


def _latex(verdicts: pd.DataFrame, note: str) -> str:
    lines = [r"% Needs \usepackage{booktabs}."]
    for section, rows in _on_pages(whole_claims(verdicts)):
        rows = rows.assign(verdict=_marked(rows))
        by_lift = rows.pivot(index=["id", "statement"], columns="lift", values="verdict")
        order = [lift for lift in (*LIFTS, "–") if lift in by_lift]
        frame = by_lift.loc[rows["id"].drop_duplicates(), order].fillna("–")
        frame = frame.rename(columns={"–": "verdict"}).rename_axis(columns=None).reset_index()
        frame = frame.rename(columns={"statement": "claim"})
        layout = rf"lp{{{0.76 - 0.18 * len(order):.2f}\linewidth}}" + "l" * len(order)
        text = tabular(frame, layout)
        for symbol, command in _SYMBOLS.items():
            text = text.replace(symbol, command)
        lines += [
            r"\begin{table}",
            r"\centering\small",
            rf"\caption{{Claims of {_place(section)}, tested"
            + (", by lift.}" if "–" not in order else ".}"),
            text,
            *([r"\par\smallskip " + escaped(note)] if rest_on_archive(rows).any() else []),
            r"\end{table}",
            "",
        ]
    return "\n".join(lines)
