"""Write down how the results were made, as a file and as a page of the report."""

from rknet.files import write_json, write_text
from rknet.show.pages.listing import Page
from rknet.show.pages.runs import provenance_page
from rknet.study.provenance import provenance, read_provenance
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    out, params = job.output, job.params
    found = provenance(params.results, params.records, job.input, params.configuration)
    write_json(out.provenance, found)
    about, written = Page(**params.page), read_provenance(out.provenance)
    write_text(out.page, provenance_page(about, written, params.experiments))
