"""What the compiled engine is made of; only a job that trains with it imports Numba."""
