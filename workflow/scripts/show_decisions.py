"""Say what the looks decide on the claims."""

from pathlib import Path

import pandas as pd

from rknet.show.decisions import write
from rknet.show.pages.listing import Page
from rknet.show.paper import module_of
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    out, params = job.output, job.params
    module = module_of(params.paper, params.modules, "claims")
    write(
        () if module is None else module.CLAIMS,
        pd.read_csv(job.input.history),
        tuple(params.looks),
        Page(**params.page),
        Path(out.decisions).with_suffix(""),
        Path(out.picture).with_suffix(""),
        out.page,
    )
