"""Makes a page of the report from its files."""

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
    """The page with a given name.

    Parameters
    ----------
    name : str
        Its name, as in `rknet.show.pages.listing.pages`.
    about : Page
        Its title and caption.
    files : mapping
        The files that it is made from, named as in rule ``page``.
    **options
        Plain values. The page of a table needs the ``table``, the ``editions`` that have it and the
        ``publication``; the comparison needs the ``publication``, the runs need ``records``, and
        the claims need ``paper`` and ``modules``. The provenance page takes the options of
        `rknet.show.pages.runs.provenance_page`.
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
