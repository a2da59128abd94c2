"""Write down what made the results."""

from rknet.files import write_json
from rknet.study.provenance import provenance

params = snakemake.params  # noqa: F821
files = {
    # An input of one file is its name.
    rule: [paths] if isinstance(paths, str) else list(paths)
    for rule, paths in snakemake.input.items()  # noqa: F821
}
found = provenance(params.results, params.records, files, params.configuration)
write_json(snakemake.output[0], found)  # noqa: F821
