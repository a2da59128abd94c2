"""Sum up the reproduction, in words that the workflow prints when it ends, and in the report's pages."""

import pandas as pd

from rknet.files import write_text
from rknet.show.pages.listing import Page
from rknet.show.pages.runs import runs_page
from rknet.show.pages.verdict import claims_page, comparison_page, errata_page, opening
from rknet.show.paper import definitions
from rknet.study.comparison import summary_text
from rknet.study.publication import Publication
from rknet.study.recording import recorded
from rknet.study.records import read_record

with recorded(snakemake) as job:
    files, out, params = job.input, job.output, job.params
    publication = Publication(**params.publication)
    comparison, findings, published, claims = (
        pd.read_csv(path)
        for path in (files.comparison, files.findings, files.published, files.claims)
    )
    metrics = pd.concat([pd.read_csv(path) for path in files.metrics])
    shown = params.results, params.tables
    text = summary_text(comparison, published, metrics, publication, *shown, claims)
    write_text(out.summary, text)
    write_text(out.opening, opening(params.about, comparison, published, claims, publication))
    page = {name: Page(**about) for name, about in params.pages.items()}
    meanings = definitions(params.paper, params.modules)
    records = [read_record(path) for path in params.records]
    write_text(out.comparison, comparison_page(page["comparison"], publication, comparison, findings))
    write_text(out.claims, claims_page(page["claims"], meanings, claims))
    write_text(out.findings, errata_page(page["findings"], findings))
    write_text(out.runs, runs_page(page["runs"], records))
