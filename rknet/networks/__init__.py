"""Networks: their definitions, and their PyTorch modules."""
