"""What the PyTorch engines are made of; only a job that trains with them imports PyTorch."""
