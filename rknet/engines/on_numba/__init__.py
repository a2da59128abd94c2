"""The parts of the compiled engine; only a job that trains with it imports Numba."""
