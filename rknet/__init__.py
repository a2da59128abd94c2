"""Runge–Kutta networks with feature space augmentation, after Giesecke and Kröner.

The library behind the workflow; every module is importable on its own, and none imports
PyTorch or Numba unless it trains.
"""

import os

__version__ = "0.1.0"

# One setting decides a process's threads: BLAS and PyTorch read OMP_NUM_THREADS, which Snakemake
# sets to a rule's threads, but Numba does not.
if os.environ.get("OMP_NUM_THREADS", "").isdecimal():
    os.environ["NUMBA_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"]
