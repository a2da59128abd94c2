"""The part that the PyTorch engines share: the data on the device, batches, and evaluation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from rknet.engines.base import Metrics, Problem
from rknet.losses.base import LOSSES
from rknet.optimisers.base import OPTIMISERS


@contextmanager
def flushing_denormals() -> Iterator[None]:
    """Treat denormals as zero inside, as the compiled engine does.

    The vanishing gradients of a deep StandardNet become denormal, and arithmetic on those is many
    times slower. PyTorch switches the calling thread only; the threads of its pool inherit the
    switch where they are first needed inside. Processors that cannot do it go on as they are.
    """
    # PyTorch sets the switch but does not tell how it is.
    before = float(torch.tensor(1e-39) * 1) == 0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


class TorchEngine(ABC):
    """The part that both engines share: the data on the device, batches, and evaluation.

    Parameters
    ----------
    problem : Problem
    device : str or torch.device
        Where it trains.
    dtype : torch.dtype
        What it trains in.
    """

    def __init__(self, problem: Problem, device: str | torch.device, dtype: torch.dtype) -> None:
        cell = problem.cell
        self._cell, self._device, self._dtype = cell, torch.device(device), dtype
        self.threads = torch.get_num_threads() if self._device.type == "cpu" else 1
        self._loss = LOSSES[cell.loss]
        self._optimiser = OPTIMISERS[cell.optimiser](
            cell.learning_rate, cell.momentum, cell.weight_decay
        )
        self._splits = [
            (torch.from_numpy(x).to(device, dtype), torch.from_numpy(labels).to(device))
            for x, labels in problem.dataset
        ]

    def train_epoch(self, order: np.ndarray) -> None:
        """Train on the training split once, in batches cut from `order`."""
        with flushing_denormals():
            for batch in torch.from_numpy(order).to(self._device).split(self._cell.batch_size):  # type: ignore[no-untyped-call]  # PyTorch's
                self._train(batch)

    @torch.no_grad()
    def evaluate(self) -> Metrics:
        """Cost and accuracy on both splits with the present parameters."""
        values: list[float] = []
        with flushing_denormals():
            for x, labels in self._splits:
                logits = self._logits(x)
                # Costs are summed in double precision, as the compiled engine does.
                cost = self._loss.torch_costs(logits, labels).double().mean()
                correct = (logits.argmax(dim=1) == labels).double().mean()
                values += [float(cost), 100 * float(correct)]
        return Metrics(*values)

    @abstractmethod
    def _train(self, samples: Tensor) -> None:
        """One training step on a batch."""

    @abstractmethod
    def _logits(self, x: Tensor) -> Tensor:
        """Logits (samples, K) of a whole split."""
