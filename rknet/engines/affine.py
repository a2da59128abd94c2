"""The trained affine maps of a network in PyTorch: their products, gradients and optimiser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.optim.adadelta import adadelta
from torch.optim.adagrad import adagrad
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from rknet.cell import Cell

#: What PyTorch's Adam has by default.
ADAM = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


class Affine(NamedTuple):
    """An affine map: its matrix and bias, and for each of them all moments and a step count."""

    parameters: list[Tensor]
    transposed: Tensor
    moments: list[list[Tensor]]
    steps: list[Tensor]


def moments(cell: Cell) -> int:
    """How many moments the cell's optimiser keeps of every parameter."""
    return {"adam": 2, "sgd": int(cell.momentum != 0), "adagrad": 1, "adadelta": 2}[cell.optimiser]


class Library:
    """What is done with affine maps, by PyTorch's functions: for any device and batch.

    Parameters
    ----------
    cell : Cell
        Gives the optimiser.
    """

    def __init__(self, cell: Cell) -> None:
        self._step = _optimiser_step(cell)
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


def _optimiser_step(cell: Cell) -> Callable[[list, list, list, list], None]:
    """The cell's optimiser as a function of lists: parameters, gradients, moments, step counts.

    It is the function behind the optimiser in `torch.optim`, with its defaults: an optimiser for
    each layer would be slower to call.
    """
    options: dict[str, Any] = {"lr": cell.learning_rate, "weight_decay": 0.0, "maximize": False}
    match cell.optimiser:
        case "adam":
            options |= {**ADAM, "amsgrad": False}
            return lambda p, g, m, steps: adam(p, g, *m, [], steps, fused=True, **options)
        case "sgd":
            options |= {"momentum": cell.momentum, "dampening": 0.0, "nesterov": False}
            return lambda p, g, m, _: sgd(p, g, *(m or [[None] * len(p)]), fused=True, **options)
        case "adagrad":
            options |= {"lr_decay": 0.0, "eps": 1e-10}
            return lambda p, g, m, steps: adagrad(p, g, *m, steps, fused=True, **options)
        case _:
            options |= {"rho": 0.9, "eps": 1e-6}
            return lambda p, g, m, steps: adadelta(p, g, *m, steps, **options)
