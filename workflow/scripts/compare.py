"""Compare the runs with the published numbers, and compute what that exposes."""

import pandas as pd

from rknet.files import write_text
from rknet.paper.errata import findings
from rknet.show.comparison import latex, markdown, sections
from rknet.study.comparison import compare
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    published = pd.read_csv(job.input.published)
    metrics = pd.concat([pd.read_csv(path) for path in job.input.metrics])
    comparison = compare(published, metrics)
    found = findings(published, metrics, comparison)
    report = sections(comparison, found)
    out = job.output
    write_text(out.comparison, comparison.to_csv(index=False, lineterminator="\n"))
    write_text(out.markdown, markdown(report))
    write_text(out.latex, latex(report))
    write_text(out.findings, found.to_csv(index=False, lineterminator="\n"))
    write_text(out.findings_markdown, found.to_markdown(index=False, disable_numparse=True) + "\n")
