"""Typeset the document of all results."""

import sys

from rknet.show.document.build import LatexError, build

try:
    build(snakemake.input.source, snakemake.output[0], snakemake.log[0])  # noqa: F821
except LatexError as error:
    sys.exit(str(error))
