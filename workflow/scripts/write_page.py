"""Write a page of the report."""

from rknet.files import write_text
from rknet.show.pages.page import page_of
from rknet.show.pages.specification import pages
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    name = job.wildcards.page
    about, files = pages(job.params.tables)[name], dict(job.input.items())
    write_text(job.output[0], page_of(name, about, files, **job.params.options))
