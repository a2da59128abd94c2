"""Check the claims of the paper that no run can show."""

from rknet.files import write_text
from rknet.show.paper import module_of
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    module = module_of(job.params.paper, job.params.modules, "checks")
    text = module.check().to_csv(index=False, lineterminator="\n")
    write_text(job.output[0], text)
