"""Write the document of all results as LaTeX."""

from rknet.files import write_text
from rknet.show.document.source import configuration, read, render

files, out, params = snakemake.input, snakemake.output, snakemake.params  # noqa: F821
write_text(out.configuration, configuration(params.configuration))
write_text(
    out.source, render(read(**dict(files.items()), tables=params.tables, captions=params.captions))
)
