"""Which pages the report has, what is said of each, and how it calls figures.

Light to import, as the workflow asks it which pages to make.
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
        "Every number that the paper prints, against the runs: what was published, what was "
        "reproduced with each lift, and whether they are consistent.",
    ),
    "claims": Page(
        "Claims",
        VERDICT,
        "The claims of the paper that can be tested: a verdict for each and lift, and the tests "
        "behind it.",
    ),
    "findings": Page(
        "Errata",
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


def pages(tables: Mapping[str, Table], made: Collection[str]) -> dict[str, Page]:
    """The pages of a report, by name.

    Parameters
    ----------
    tables : mapping
        All tables of the paper.
    made : collection of str
        Names of the tables that are made.

    Returns
    -------
    dict of Page
    """
    found = dict(_PAGES)
    for table in tables.values():
        if table.name in made and same_tables(table, tables)[0] == table:
            # Rows are labelled on a page, so that the caption need not tell them apart.
            what = re.sub(r" \(\w+ row\)|, \w+ row", "", table.caption.split(" over ")[0])
            caption = f"{what}: published, and reproduced with each lift."
            found[table.name] = Page(table.heading, TABLE, caption)
    return found


def figure_title(figure: Figure) -> str:
    """What the report calls a figure; two digits, as it sorts by name."""
    if figure.of_the_paper:
        return figure.heading.replace(str(figure.number), f"{figure.number:02}", 1)
    return figure.name.replace("_", " ").capitalize()
