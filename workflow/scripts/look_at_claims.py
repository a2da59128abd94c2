"""Test the claims that are still open on the repetitions so far."""

import pandas as pd

from rknet.files import write_text
from rknet.show.paper import module_of
from rknet.study.looks import look_at
from rknet.study.recording import recorded

with recorded(snakemake) as job:
    files, params = job.input, job.params
    module = module_of(params.paper, params.modules, "claims")
    cells = params.cells
    if files.get("cells"):
        cells = pd.read_csv(files.cells).groupby("experiment", sort=False)["cell"].agg(list)
    history, needed = look_at(
        () if module is None else module.CLAIMS,
        tuple(params.looks),
        int(job.wildcards.repetitions),
        cells,
        job.config["results"],
        files.get("before"),
        files.get("checks"),
        params.curves,
        params.features,
    )
    write_text(job.output.history, history.to_csv(index=False, lineterminator="\n"))
    write_text(job.output.cells, needed.to_csv(index=False, lineterminator="\n"))
