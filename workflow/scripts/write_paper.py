"""Write the document of all results as LaTeX."""

from rknet.files import write_text
from rknet.show.document.source import configuration, read, render
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files, out, params = job.input, job.output, job.params
    write_text(out.configuration, configuration(params.configuration))
    inputs = read(**dict(files.items()), paper=params.paper, captions=params.captions)
    write_text(out.source, render(inputs))
