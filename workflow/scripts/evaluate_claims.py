"""Test the paper's statements on the runs."""

from pathlib import Path

import pandas as pd

from rknet.paper.claims import CLAIMS, Results, evaluate
from rknet.show.claims import write
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files = job.input
    results = Results(
        metrics={Path(path).stem: pd.read_csv(path) for path in files.metrics},
        curves={Path(path).stem: pd.read_csv(path) for path in files.curves},
        features=pd.read_csv(files.features) if files.features else None,
        schemes=pd.read_csv(files.schemes),
    )
    write(evaluate(CLAIMS.values(), results), Path(job.output[0]).with_suffix(""))
