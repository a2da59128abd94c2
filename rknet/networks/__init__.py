"""Networks: what they are, and as PyTorch modules."""
