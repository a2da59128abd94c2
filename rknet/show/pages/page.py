"""A page of the report from its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rknet.show.pages.listing import Page
from rknet.show.pages.runs import provenance_page, runs_page
from rknet.show.pages.tables import table_page
from rknet.show.pages.verdict import claims_page, comparison_page, errata_page
from rknet.show.paper import definitions
from rknet.show.tables.table import Table
from rknet.study.provenance import read_provenance
from rknet.study.publication import Publication
from rknet.study.records import read_record


def page_of(
    name: str,
    about: Page,
    files: Mapping[str, Any],
    **options: Any,
) -> str:
    """The page called so.

    Parameters
    ----------
    name : str
        As `rknet.show.pages.listing.pages` calls it.
    about : Page
        Its title and caption.
    files : mapping
        What it is made from, as rule ``page`` names it.
    **options
        Plain values: for the page of a table the ``table``, the ``editions`` that have it and the
        ``publication``, which that of the comparison needs too; ``records`` for that of the runs;
        ``paper`` and its ``modules`` for that of claims; for
        `rknet.show.pages.runs.provenance_page`, its own.
    """
    if name == "runs":
        return runs_page(about, [read_record(path) for path in options["records"]])
    if name == "provenance":
        return provenance_page(about, read_provenance(files["provenance"]), **options)
    frames = {key: pd.read_csv(path) for key, path in files.items()}
    if name == "claims":
        return claims_page(about, definitions(options["paper"], options["modules"]), **frames)
    if name == "findings":
        return errata_page(about, **frames)
    publication = Publication(**options["publication"])
    if name == "comparison":
        return comparison_page(about, publication, **frames)
    return table_page(about, Table(**options["table"]), options["editions"], publication, **frames)
