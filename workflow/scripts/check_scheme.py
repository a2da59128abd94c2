"""Check what the paper says and no run shows."""

from rknet.files import write_text
from rknet.show.paper import module_of

module = module_of(snakemake.params.paper, snakemake.params.modules, "checks")  # noqa: F821
text = module.check().to_csv(index=False, lineterminator="\n")
write_text(snakemake.output[0], text)  # noqa: F821
