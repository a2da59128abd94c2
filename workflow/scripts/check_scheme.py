"""Check with every named scheme what Section 3 says of discretising and optimising."""

from rknet.files import write_text
from rknet.paper.section3 import check_schemes

text = check_schemes().to_csv(index=False, lineterminator="\n")
write_text(snakemake.output[0], text)  # noqa: F821
