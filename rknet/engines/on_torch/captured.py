"""The adjoint sweep whose training step is captured on a GPU, and then replayed.

A step through 100 layers is thousands of small kernels. While Python launches them one by one, a
GPU mostly waits. A CUDA graph launches them all at once.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from rknet.engines.on_torch.adjoint import AdjointEngine


class CapturedEngine(AdjointEngine):
    """`AdjointEngine`, with a CUDA graph of a training step for each size of batch.

    On the CPU, it is `AdjointEngine`.

    Parameters
    ----------
    problem : Problem
    device : str or torch.device, optional
        Where it trains.
    in_place : bool, optional
        As `AdjointEngine` has it.
    """

    @cached_property
    def _captured(self) -> dict[int, tuple[Tensor, torch.cuda.CUDAGraph]]:
        """By size of batch: what a replay takes its batch from, and the graph."""
        return {}

    @torch.no_grad()
    def _train(self, samples: Tensor) -> None:
        count = len(samples)
        # The first step of a size is made as it is: its memory must outlive the graph.
        if count not in self._prepared or not _captures(self._device):
            super()._train(samples)
            return
        if count not in self._captured:
            self._captured[count] = self._capture(samples)
        batch, graph = self._captured[count]
        batch.copy_(samples)
        graph.replay()

    def _capture(self, samples: Tensor) -> tuple[Tensor, torch.cuda.CUDAGraph]:
        """Capture a step, without making it, and the tensor from which a replay takes its batch."""
        batch, graph = samples.clone(), torch.cuda.CUDAGraph()
        stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]  # PyTorch's
        # What PyTorch waits for before a capture is the present device, which else is the first.
        with torch.cuda.device(self._device), torch.cuda.graph(graph, stream=stream):
            super()._train(batch)
        return batch, graph


def _captures(device: torch.device) -> bool:
    return device.type == "cuda"
