"""Train one run, or the runs of a cell one after another."""

import sys

# Numba would import all of scipy.linalg, for matrix products that no kernel has: a fifth of the
# time of a short run. Without SciPy it does not. A module of the user's may need SciPy.
if "module" not in snakemake.params.settings[0]["network_definition"]:
    sys.modules["scipy"] = None

from rknet.study.recording import recorded
from rknet.study.training import train_each

with recorded(snakemake) as job:
    train_each(
        job.params.settings,
        {"dataset": job.input, **dict(job.output.items())},
        job.log,
        code=job.params.code,
        device=job.config["device"],
    )
