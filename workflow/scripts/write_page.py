"""Write a page of the report."""

from rknet.files import write_text
from rknet.show.pages.listing import Page
from rknet.show.pages.page import page_of
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    name, params = job.wildcards.page, job.params
    files = dict(job.input.items())
    text = page_of(name, Page(**params.about), files, **params.options)
    write_text(job.output[0], text)
