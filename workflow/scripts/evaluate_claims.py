"""Test the paper's statements on the runs."""

from pathlib import Path

import pandas as pd

from rknet.paper.claims import CLAIMS, Results, evaluate
from rknet.show.claims import write

files = snakemake.input  # noqa: F821
results = Results(
    metrics={Path(path).stem: pd.read_csv(path) for path in files.metrics},
    curves={Path(path).stem: pd.read_csv(path) for path in files.curves},
    features=pd.read_csv(files.features) if files.features else None,
    schemes=pd.read_csv(files.schemes),
)
stem = Path(snakemake.output[0]).with_suffix("")  # noqa: F821
write(evaluate(CLAIMS.values(), results), stem)
