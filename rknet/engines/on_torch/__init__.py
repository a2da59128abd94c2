"""The parts of the PyTorch engines; only a job that trains with them imports PyTorch."""
