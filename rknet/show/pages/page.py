"""A page of the report from its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rknet.show.pages.runs import provenance_page, runs_page
from rknet.show.pages.specification import Page
from rknet.show.pages.tables import table_page
from rknet.show.pages.verdict import claims_page, comparison_page, findings_page
from rknet.show.tables.specification import TABLES
from rknet.study.provenance import read_provenance
from rknet.study.records import read_record


def page_of(name: str, about: Page, files: Mapping[str, Any], **options: Any) -> str:
    """The page called so.

    Parameters
    ----------
    name : str
        As `rknet.show.pages.specification.pages` calls it.
    about : Page
        Its title and caption.
    files : mapping
        What it is made from, as rule ``page`` names it.
    **options
        ``records``, for the page of the runs; for `rknet.show.pages.runs.provenance_page`, its own.
    """
    if name == "runs":
        return runs_page(about, [read_record(path) for path in options["records"]])
    if name == "provenance":
        return provenance_page(about, read_provenance(files["provenance"]), **options)
    frames = {key: pd.read_csv(path) for key, path in files.items()}
    if name in TABLES:
        return table_page(about, TABLES[name], **frames)
    make = {"comparison": comparison_page, "claims": claims_page, "findings": findings_page}[name]
    return make(about, **frames)
