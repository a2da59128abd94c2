"""Typeset the document of all results."""

import sys

from rknet.show.document.build import LatexError, build
from rknet.study.recording import recorded

try:
    with recorded(snakemake) as job:
        build(job.input.source, job.output[0], job.log[0])
except LatexError as error:
    sys.exit(str(error))
