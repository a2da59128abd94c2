"""A network of one's own, for configurations to name."""

from torch import nn


class network(nn.Sequential):  # noqa: N801
    def __init__(self, dimension, classes, hidden, activation):
        if hidden > 99:
            raise ValueError("too wide")
        steps = nn.ReLU() if activation == "relu" else nn.Tanh()
        super().__init__(nn.Linear(dimension, hidden), steps, nn.Linear(hidden, classes))
