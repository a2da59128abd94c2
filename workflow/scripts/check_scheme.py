"""Check with every named scheme what Section 3 says of discretising and optimising."""

from rknet.adjoint import check_schemes
from rknet.files import write_text

text = check_schemes().to_csv(index=False, lineterminator="\n")
write_text(snakemake.output[0], text)  # noqa: F821
