"""Write the document of all results as LaTeX."""

from rknet.files import write_text
from rknet.show.document.source import configuration, read, render

files, out, params = snakemake.input, snakemake.output, snakemake.params  # noqa: F821
write_text(out.configuration, configuration(params.configuration))
inputs = read(**dict(files.items()), paper=params.paper, captions=params.captions)
write_text(out.source, render(inputs))
