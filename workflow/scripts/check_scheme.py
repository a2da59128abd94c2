"""Check with every named scheme what Section 3 says of discretising and optimising."""

from rknet.files import write_text
from rknet.paper.section3 import check_schemes
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    write_text(job.output[0], check_schemes().to_csv(index=False, lineterminator="\n"))
