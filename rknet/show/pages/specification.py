"""Which pages the report has, and what is said of each.

Light to import, as the workflow asks it which pages to make.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, replace

from rknet.show.figures.specification import FIGURES
from rknet.show.tables.specification import TABLES, Table

#: The report sorts its categories by name. Hair spaces hardly show and sort before letters, so they
#: put the categories in the order in which a reader asks.
VERDICT, TABLE, FIGURE, RUN = "\u200a\u200aVerdict", "\u200aTables", "Figures", "Runs"


@dataclass(frozen=True)
class Page:
    """A page of the report.

    Attributes
    ----------
    title : str
        Heading and entry in the report's list.
    category : str
        Of the report.
    caption : str
        One sentence on what the page shows.
    """

    title: str
    category: str
    caption: str


_PAGES = {
    "comparison": Page(
        "Comparison",
        VERDICT,
        "Every number that the two editions print, against the runs: what was published, what was "
        "reproduced with each lift, and whether they are consistent.",
    ),
    "claims": Page(
        "Claims",
        VERDICT,
        "The sentences of the paper that can be tested: a verdict for each and lift, and the "
        "tests behind it.",
    ),
    "findings": Page(
        "Findings",
        VERDICT,
        "Errors in the publications, computed from the printed numbers and the runs.",
    ),
    "runs": Page(
        "Runs",
        RUN,
        "A row a run: its setting, how it ended, its last validation accuracy and cost, and what "
        "it took.",
    ),
    "provenance": Page(
        "Provenance",
        RUN,
        "What made these results: configuration, code, versions, machines and computing time.",
    ),
}


def pages(tables: Container[str]) -> dict[str, Page]:
    """The pages of a report, by name.

    Parameters
    ----------
    tables : container of str
        Names of the tables that there are.

    Returns
    -------
    dict of Page
    """
    found = dict(_PAGES)
    for table in TABLES.values():
        if table.name in tables and same_tables(table)[0] == table:
            # Rows are labelled on a page, so that the caption need not tell them apart.
            what = re.sub(r" \(\w+ row\)|, \w+ row", "", table.caption.split(" over ")[0])
            caption = f"{what}: published, and reproduced with each lift."
            found[table.name] = Page(table.heading, TABLE, caption)
    return found


def same_tables(table: Table) -> list[Table]:
    """The table and those of the other edition that show the same; the journal's come first."""
    anonymous = replace(table, name="", edition="")
    return [other for other in TABLES.values() if replace(other, name="", edition="") == anonymous]


def figure_title(name: str) -> str:
    """What the report calls a figure; a space as wide as a digit makes it sort by number."""
    if name in FIGURES:
        shown = FIGURES[name]
        number = str(shown.number)
        return shown.heading.replace(number, f"{number:\u2007>2}", 1)
    return name.replace("_", " ").capitalize()
