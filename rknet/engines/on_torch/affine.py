"""The trained affine maps of a network in PyTorch: their products, gradients and optimiser."""

from __future__ import annotations

from typing import Any, NamedTuple

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


class Maps:
    """All affine maps of a network, and what trains them.

    Parameters
    ----------
    parameters : dict of Tensor
        ``K``, ``b``, ``W`` and ``mu``, see `initial_parameters`.
    moments : list of dict of Tensor
        As many of each parameter as the optimiser has.
    optimiser : Optimiser
    """

    def __init__(
        self,
        parameters: dict[str, Tensor],
        moments: list[dict[str, Tensor]],
        optimiser: Optimiser,
    ) -> None:
        self.parameters, self.moments, self.optimiser = parameters, moments, optimiser
        self.library = Library(optimiser)
        # PyTorch's fused optimisers count the steps of every tensor.
        self.steps = torch.zeros(len(parameters["K"]) + 1, 2, device=parameters["K"].device)
        *layer_steps, classifier_steps = self.steps
        self.layers = [
            self._affine(steps, "K", "b", layer) for layer, steps in enumerate(layer_steps)
        ]
        self.classifier = self._affine(classifier_steps, "W", "mu", ...)

    def _affine(self, steps: Tensor, matrix: str, bias: str, at: Any) -> Affine:
        """The part `at` of two parameters as an affine map, and what belongs to it."""
        parameters, *moments = (
            [tensors[matrix][at], tensors[bias][at]] for tensors in (self.parameters, *self.moments)
        )
        return Affine(parameters, parameters[0].T, moments, list(steps))
