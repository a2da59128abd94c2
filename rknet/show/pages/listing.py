"""The pages of the report with their captions, and the report's names for figures.

This module is light to import, because the workflow asks it which pages to make.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rknet.show.figures.figure import Figure
from rknet.show.tables.table import Table, same_tables

#: The report's categories, which it sorts by name.
VERDICT, TABLE, FIGURE, RUN = "1 Verdict", "2 Tables", "3 Figures", "4 Runs"


@dataclass(frozen=True)
class Page:
    """A page of the report.

    Attributes
    ----------
    title : str
        The heading, and the entry in the report's list.
    category : str
        The category in the report's list.
    caption : str
        One sentence that says what the page shows.
    """

    title: str
    category: str
    caption: str


_PAGES = {
    "comparison": Page(
        "Comparison",
        VERDICT,
        "Every number that the paper prints, compared with the runs: the published number, the "
        "reproduced one for each lift, and whether they are consistent.",
    ),
    "claims": Page(
        "Claims",
        VERDICT,
        "The claims of the paper that can be tested: a verdict for each claim and lift, and the "
        "tests behind it.",
    ),
    "decisions": Page(
        "Decisions",
        VERDICT,
        "The claims, looked at again with more repetitions of just what open verdicts rest on, "
        "until each is decided, or further repetitions would hardly decide it.",
    ),
    "findings": Page(
        "Errata",
        VERDICT,
        "Errors in the publications, computed from the printed numbers, the runs and the "
        "equations.",
    ),
    "runs": Page(
        "Runs",
        RUN,
        "Every run: its setting, how it ended, its last validation accuracy and cost, and the time "
        "and memory it took.",
    ),
    "provenance": Page(
        "Provenance",
        RUN,
        "How these results were made: configuration, code, versions, machines and computing time.",
    ),
}


def pages(tables: Mapping[str, Table], made: Collection[str]) -> dict[str, Page]:
    """The pages of a report, by name.

    Parameters
    ----------
    tables : mapping
        All tables of the paper.
    made : collection of str
        The names of the tables that are made.

    Returns
    -------
    dict of Page
    """
    found = dict(_PAGES)
    for table in tables.values():
        if table.name in made and same_tables(table, tables)[0] == table:
            # On a page every row has a label, so the caption need not explain the rows.
            what = re.sub(r" \(\w+ row\)|, \w+ row", "", table.caption.split(" over ")[0])
            caption = (
                f"{what}: the published numbers, and those reproduced with each lift that was run."
            )
            found[table.name] = Page(table.heading, TABLE, caption)
    return found


def figure_title(figure: Figure) -> str:
    """The report's name for a figure; numbers have two digits, because it sorts by name."""
    if figure.of_the_paper:
        return figure.heading.replace(str(figure.number), f"{figure.number:02}", 1)
    return figure.name.replace("_", " ").capitalize()
