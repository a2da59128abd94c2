"""Train one run."""

import sys

# Numba would import all of scipy.linalg, for matrix products that no kernel has: a fifth of the
# time of a short run. Without SciPy it does not. A module of the user's may need SciPy.
if "module" not in snakemake.params.setting["network_definition"]:
    sys.modules["scipy"] = None

from rknet.files import open_log
from rknet.study.recording import recorded
from rknet.study.training import train_run

with recorded(snakemake) as job, open_log(job.log[0]) as log:
    train_run(
        job.params.setting,
        job.input.dataset,
        **dict(job.output.items()),
        log=log,
        code=job.params.code,
        device=job.config["device"],
    )
