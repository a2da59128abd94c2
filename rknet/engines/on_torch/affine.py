"""The trained affine maps of a network in PyTorch: their products, gradients and optimiser."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from rknet.optimisers.base import Optimiser


class Affine(NamedTuple):
    """An affine map: its matrix and bias, and for each of them all moments and a step count."""

    parameters: list[Tensor]
    transposed: Tensor
    moments: list[list[Tensor]]
    steps: list[Tensor]


class Library:
    """The operations on affine maps, by PyTorch's functions, for any device and batch.

    Parameters
    ----------
    optimiser : Optimiser
    """

    def __init__(self, optimiser: Optimiser) -> None:
        self._step = optimiser.torch_step()
        self._buffers: dict[torch.Size, Tensor] = {}

    def apply(self, affine: Affine, y: Tensor, out: Tensor) -> None:
        """``out = y Kᵀ + b``, for samples in the rows of `y`."""
        torch.addmm(affine.parameters[1], y, affine.transposed, out=out)

    def pull_back(self, affine: Affine, xi: Tensor, out: Tensor) -> None:
        """``out = ξ K``, for samples in the rows of `xi`."""
        torch.mm(xi, affine.parameters[0], out=out)

    def train(self, affine: Affine, deltas: Tensor, inputs: Tensor) -> None:
        """A step of the optimiser.

        The gradient (3.19) is summed over the rows of `deltas`, the gradients by the map's outputs,
        and of `inputs`.
        """
        K = affine.parameters[0]
        if K.shape not in self._buffers:
            self._buffers[K.shape] = torch.empty_like(K)
        product = torch.mm(deltas.T, inputs, out=self._buffers[K.shape])
        gradients = [product, deltas.sum(dim=0)]
        self._step(affine.parameters, gradients, affine.moments, affine.steps)
