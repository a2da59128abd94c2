"""Settings of the whole suite."""

import os

# Two test processes on two cores: one thread each, also for what they start.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
