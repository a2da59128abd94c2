"""Test the paper's claims on the runs."""

from pathlib import Path

import pandas as pd

from rknet.show.claims import write
from rknet.show.paper import definitions, module_of
from rknet.study.claims import Results
from rknet.study.evaluation import evaluate
from rknet.study.publication import Publication

files, params = snakemake.input, snakemake.params  # noqa: F821
results = Results(
    metrics={Path(path).stem: pd.read_csv(path) for path in files.metrics},
    curves={Path(path).stem: pd.read_csv(path) for path in files.curves},
    features=pd.read_csv(files.features) if files.features else None,
    checks=pd.read_csv(files.checks) if files.checks else None,
    publication=Publication(**params.publication),
)
module = module_of(params.paper, params.modules, "claims")
verdicts = evaluate(() if module is None else module.CLAIMS, results)
stem = Path(snakemake.output[0]).with_suffix("")  # noqa: F821
write(verdicts, definitions(params.paper, params.modules), stem)
