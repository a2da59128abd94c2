"""Write down how the results were made."""

from rknet.files import write_json
from rknet.study.provenance import provenance
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    params = job.params
    found = provenance(params.results, params.records, job.input, params.configuration)
    write_json(job.output[0], found)
