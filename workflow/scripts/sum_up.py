"""Sum up the reproduction, for the end of the workflow and in pages of the report."""

from pathlib import Path

import pandas as pd

from rknet.files import write_text
from rknet.show.decisions import summary_of
from rknet.show.figures.style import save, styled
from rknet.show.fits import settings_tried, tables_as_a_whole
from rknet.show.pages.glance import at_a_glance, draw, in_words, latest
from rknet.show.pages.listing import Page
from rknet.show.pages.opening import opening, picture, to_know_first
from rknet.show.pages.runs import experiments_of, runs_page
from rknet.show.pages.verdict import claims_page, comparison_page, errata_page
from rknet.show.paper import definitions
from rknet.show.summary import summary_text
from rknet.study.frames import archived_in_words
from rknet.study.publication import Publication
from rknet.study.recording import recorded
from rknet.study.records import read_record

with recorded(snakemake) as job:
    files, out, params = job.input, job.output, job.params
    publication = Publication(**params.publication)
    comparison, findings, published = (
        pd.read_csv(path) for path in (files.comparison, files.findings, files.published)
    )
    # Section 4.10 is not 4.1.
    claims = pd.read_csv(files.claims, dtype={"section": str})
    by_experiment = {Path(path).stem: pd.read_csv(path) for path in files.metrics}
    metrics = pd.concat(by_experiment.values())
    shown = params.results, params.tables
    decided = summary_of(files.decisions, params.looks) if files.decisions else ""
    text = summary_text(comparison, published, metrics, publication, *shown, claims, decided)
    write_text(out.summary, text)
    taken, joint = archived_in_words(metrics), pd.read_csv(files.joint)
    verdicts = latest(claims, pd.read_csv(files.decisions) if files.decisions else None)
    bars = at_a_glance(comparison, published, verdicts, publication)
    with styled():
        save(draw(bars), Path(out.pdf).with_suffix(""))
    above = "\n".join(
        [
            picture(Path(out.png).read_bytes(), in_words(bars)),
            to_know_first(comparison, published, findings, verdicts, joint, publication),
        ]
    )
    judged = comparison, published, claims, publication
    begun = opening(params.about, *judged, taken, decided, above)
    write_text(out.opening, begun)
    about = {name: Page(**page) for name, page in params.pages.items()}
    meanings = definitions(params.paper, params.modules)
    # The metrics depend on all records already, and with them on the histories.
    records = {path: read_record(path) for path in params.records}
    fits = [
        *tables_as_a_whole(joint, publication),
        *settings_tried(pd.read_csv(files.likelihoods), publication),
    ]
    judged = publication, comparison, findings, taken, fits, metrics
    write_text(out.comparison, comparison_page(about["comparison"], *judged))
    write_text(out.claims, claims_page(about["claims"], meanings, claims, taken))
    write_text(out.findings, errata_page(about["findings"], findings, taken))
    write_text(out.runs, runs_page(about["runs"], records, experiments_of(by_experiment)))
