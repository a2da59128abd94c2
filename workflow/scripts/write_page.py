"""Write a page of the report."""

from rknet.files import write_text
from rknet.show.pages.listing import Page
from rknet.show.pages.page import page_of

name, params = snakemake.wildcards.page, snakemake.params  # noqa: F821
files = dict(snakemake.input.items())  # noqa: F821
text = page_of(name, Page(**params.about), files, **params.options)
write_text(snakemake.output[0], text)  # noqa: F821
