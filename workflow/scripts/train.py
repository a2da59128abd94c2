"""Train one run."""

import sys

# Numba would import all of scipy.linalg, for matrix products that no kernel has: a fifth of the
# time of a short run. Without SciPy it does not.
sys.modules["scipy"] = None

from rknet.files import open_log  # noqa: E402
from rknet.study.training import train_run  # noqa: E402

with open_log(snakemake.log[0]) as log:  # noqa: F821
    train_run(
        snakemake.params.setting,  # noqa: F821
        snakemake.input.dataset,  # noqa: F821
        **dict(snakemake.output.items()),  # noqa: F821
        log=log,
        code=snakemake.params.code,  # noqa: F821
        device=snakemake.config["device"],  # noqa: F821
    )
