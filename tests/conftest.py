"""Settings of the whole suite."""

import os

from hypothesis import settings

# Two test processes on two cores: one thread each, also for what they start.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

# No time limit for an example on a shared machine. Continuous integration always tries the same
# examples; whoever runs the suite by hand tries new ones.
settings.register_profile("rknet", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("rknet")
