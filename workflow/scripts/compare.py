"""Compare the runs with the published numbers, and compute the errata that this exposes."""

from pathlib import Path

import pandas as pd

from rknet.files import write_text
from rknet.show.comparison import ERRATA, latex, markdown, sections
from rknet.show.fits import settings_tried, tables_as_a_whole
from rknet.show.paper import module_of
from rknet.study.comparison import compare
from rknet.study.frames import archived_in_words
from rknet.study.joint import table_fits
from rknet.study.likelihoods import likelihoods
from rknet.study.publication import Publication
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    out, params = job.output, job.params
    publication = Publication(**params.publication)
    published = pd.read_csv(job.input.published)
    by_experiment = {Path(path).stem: pd.read_csv(path) for path in job.input.metrics}
    metrics = pd.concat(by_experiment.values())
    comparison = compare(published, metrics, publication)
    module = module_of(params.paper, params.modules, "errata")
    found = pd.DataFrame(columns=ERRATA)
    if module is not None:
        checks = pd.read_csv(job.input.checks) if job.input.checks else None
        found = module.errata(published, metrics, comparison, publication, checks)
    joint = table_fits(published, metrics, publication)
    tried = likelihoods(published, by_experiment, publication)
    fits = [*tables_as_a_whole(joint, publication), *settings_tried(tried, publication)]
    taken = archived_in_words(metrics)
    parts = sections(comparison, found, publication, taken, fits)
    write_text(out.comparison, comparison.to_csv(index=False, lineterminator="\n"))
    write_text(out.joint, joint.to_csv(index=False, lineterminator="\n"))
    write_text(out.likelihoods, tried.to_csv(index=False, lineterminator="\n"))
    write_text(out.markdown, markdown(parts))
    write_text(out.latex, latex(parts))
    write_text(out.findings, found.to_csv(index=False, lineterminator="\n"))
    page = [found.to_markdown(index=False, disable_numparse=True), *([taken] if taken else [])]
    write_text(out.findings_markdown, "\n\n".join(page) + "\n")
