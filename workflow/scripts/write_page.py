"""Write a page of the report."""

from rknet.files import write_text
from rknet.show.pages.page import page_of
from rknet.show.pages.specification import pages

name, params = snakemake.wildcards.page, snakemake.params  # noqa: F821
about = pages(params.tables)[name]
files = dict(snakemake.input.items())  # noqa: F821
write_text(snakemake.output[0], page_of(name, about, files, **params.options))  # noqa: F821
