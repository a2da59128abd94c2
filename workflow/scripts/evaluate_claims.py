"""Test the paper's claims on the runs."""

from pathlib import Path

import pandas as pd

from rknet.show.claims import write
from rknet.show.paper import definitions, module_of
from rknet.study.claims import Results
from rknet.study.evaluation import evaluate
from rknet.study.frames import archived_in_words
from rknet.study.publication import Publication
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files, params = job.input, job.params
    results = Results(
        metrics={Path(path).stem: pd.read_csv(path) for path in files.metrics},
        curves={Path(path).stem: pd.read_csv(path) for path in files.curves},
        features={Path(path).stem: pd.read_csv(path) for path in files.features},
        pairs={Path(path).stem: pd.read_csv(path) for path in files.pairs},
        checks=pd.read_csv(files.checks) if files.checks else None,
        publication=Publication(**params.publication),
        published=pd.read_csv(files.published),
    )
    module = module_of(params.paper, params.modules, "claims")
    verdicts = evaluate(() if module is None else module.CLAIMS, results)
    stem = Path(job.output[0]).with_suffix("")
    taken = archived_in_words(pd.concat(results.metrics.values())) if results.metrics else ""
    write(verdicts, definitions(params.paper, params.modules), stem, taken)
