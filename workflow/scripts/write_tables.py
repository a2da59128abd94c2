"""Write tables of the paper as LaTeX, Markdown and CSV, and their pages of the report."""

from pathlib import Path

import pandas as pd

from rknet.files import write_text
from rknet.show.pages.listing import Page
from rknet.show.pages.tables import table_page
from rknet.show.tables.files import write
from rknet.show.tables.table import Table
from rknet.study.publication import Publication
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    out, params = job.output, job.params
    publication = Publication(**params.publication)
    metrics, published = pd.read_csv(job.input.metrics), pd.read_csv(job.input.published)
    tables = {name: Table(**about) for name, about in params.tables.items()}
    for name, table in tables.items():
        write(table, metrics, Path(out.tables[0]).with_name(name), publication.lifts)
    for path, (name, editions) in zip(out.pages, params.editions.items(), strict=True):
        about = Page(**params.pages[name]), tables[name], editions, publication
        write_text(path, table_page(*about, metrics, published))
