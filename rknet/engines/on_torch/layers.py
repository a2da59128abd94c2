"""Sweeps through all layers by PyTorch's functions, on any device and for any batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from rknet.cell import Cell
from rknet.engines.on_torch.affine import Affine, Library, Maps
from rknet.networks.base import Network
from rknet.networks.modules import ACTIVATIONS

# σ in place.
_ACTIVATE: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh_,
    "logistic": torch.sigmoid_,
    "relu": torch.relu_,
    "softplus": lambda z: z.copy_(ACTIVATIONS["softplus"](z)),
}
# ξ ← σ'(z) ∘ ξ in place, from f = σ(z), so that no pre-activation is kept.
_PULL_BACK: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "tanh": lambda xi, f: xi.addcmul_(xi, f * f, value=-1),
    "logistic": lambda xi, f: xi.mul_(f).mul_(1 - f),
    "relu": lambda xi, f: xi.mul_(f > 0),
    "softplus": lambda xi, f: xi.mul_(f.neg().expm1_().neg_()),
}


class Scheme(NamedTuple):
    """What all layers have in common.

    Attributes
    ----------
    A : list of list of float
        h a_ij of (2.12); a single zero for (2.6).
    beta : list of float
        h β_i, or a single one.
    residual : bool
        Whether a layer's input is added to its output.
    activation : str
    """

    A: list[list[float]]
    beta: list[float]
    residual: bool
    activation: str

    @classmethod
    def of(cls, network: Network, cell: Cell) -> Scheme:
        """That of a network, with a cell's step size and activation."""
        h, tableau = cell.step_size, network.tableau
        A = [[h * float(a) for a in row] for row in tableau.A] if tableau else [[0.0]]
        beta = [h * float(b) for b in tableau.beta] if tableau else [1.0]
        return cls(A, beta, network.residual, cell.activation)


class Memory(NamedTuple):
    """What the sweeps of a batch fill, allocated once.

    Attributes
    ----------
    stages, slopes : Tensor, (L, s, samples, d̂)
        The y_i and f_i of (2.12). A layer's first stage is its input.
    output : Tensor, (samples, d̂)
        The last features y⁽ᴸ⁾.
    logits : Tensor, (samples, K)
    p : Tensor, (samples, d̂)
        The adjoint.
    deltas, pulled : Tensor, (s, samples, d̂)
        σ'(z_i) ∘ ξ_i and f_y(y_i)ᵀ ξ_i of one layer.
    """

    stages: Tensor
    slopes: Tensor
    output: Tensor
    logits: Tensor
    p: Tensor
    deltas: Tensor
    pulled: Tensor

    @classmethod
    def of(cls, shape: tuple[int, int, int, int], like: Tensor) -> Memory:
        """Allocate for a shape (L, s, samples, d̂), like a classifier's matrix `like`."""
        shapes = shape, shape, shape[2:], (shape[2], len(like)), shape[2:], shape[1:], shape[1:]
        return cls(*map(like.new_empty, shapes))

    @property
    def input(self) -> Tensor:
        """The first features y⁽⁰⁾, (samples, d̂)."""
        return self.stages[0, 0]


class LibrarySweeps:
    """The sweeps through all layers.

    One matrix product a layer gives the gradient over all stages and samples, in one buffer that
    the optimiser empties before the next layer. What a step reads and writes of main memory is the
    parameters and their moments, and of the parameters a second reading: nothing else is that
    large.

    Parameters
    ----------
    scheme : Scheme
    maps : Maps
    memory : Memory
    """

    def __init__(self, scheme: Scheme, maps: Maps, memory: Memory) -> None:
        self._scheme, self._layers, self._library = scheme, maps.layers, maps.library
        self._pull_back, self._p = _PULL_BACK[scheme.activation], memory.p
        # Views are made once.
        self._stages = [list(layer) for layer in memory.stages]
        self._slopes = [list(layer) for layer in memory.slopes]
        self._outputs = [*(stages[0] for stages in self._stages[1:]), memory.output]
        self._deltas, self._pulled = list(memory.deltas), list(memory.pulled)
        # For products over stages and samples at once.
        self._all_stages = list(memory.stages.flatten(1, 2))
        self._all_deltas = memory.deltas.flatten(0, 1)

    def forward(self) -> None:
        """From the memory's input to its output."""
        for parts in zip(self._layers, self._stages, self._slopes, self._outputs, strict=True):
            send(self._library, self._scheme, *parts)

    def backward(self) -> None:
        """Carry the adjoint from the output to the input, and train every layer on the way."""
        parts = list(zip(self._layers, self._all_stages, self._slopes, strict=True))
        for layer, stages, slopes in reversed(parts):
            self._backward(layer, slopes)
            self._library.train(layer, self._all_deltas, stages)

    def _backward(self, layer: Affine, slopes: list[Tensor]) -> None:
        """Fill in σ'(z_i) ∘ ξ_i of a layer, and take the adjoint p to the layer's input.

        In ξ_i = h β_i p_i, (3.17) and (3.13), which is (3.24)–(3.26) where no weight is zero.
        """
        p, (A, beta, residual, _) = self._p, self._scheme
        for i in reversed(range(len(slopes))):
            xi = torch.mul(p, beta[i], out=self._deltas[i])
            for j in range(i + 1, len(slopes)):
                if A[j][i] != 0:
                    xi.add_(self._pulled[j], alpha=A[j][i])
            self._pull_back(xi, slopes[i])
            self._library.pull_back(layer, xi, self._pulled[i])
        if not residual:
            p.zero_()
        for pulled in self._pulled:
            p.add_(pulled)


def send(
    library: Library,
    scheme: Scheme,
    layer: Affine,
    stages: list[Tensor],
    slopes: list[Tensor],
    out: Tensor,
) -> None:
    """A layer, (2.12) or (2.6), from its input ``stages[0]`` to `out`, which may be the same.

    Fills the later stages y_i and the slopes f_i.
    """
    y = stages[0]
    for i, (stage, slope) in enumerate(zip(stages, slopes, strict=True)):
        if i > 0:
            _sum(y, scheme.A[i], slopes, out=stage)
        library.apply(layer, stage, slope)
        _ACTIVATE[scheme.activation](slope)
    if scheme.residual:
        _sum(y, scheme.beta, slopes, out=out)
    else:
        out.copy_(slopes[0])


def _sum(y: Tensor, weights: list[float], slopes: list[Tensor], out: Tensor) -> None:
    """``out = y + Σ weights · slopes``, leaving zero weights out."""
    terms = [(w, slope) for w, slope in zip(weights, slopes, strict=True) if w != 0]
    if not terms:
        out.copy_(y)
    for weight, slope in terms:
        y = torch.add(y, slope, alpha=weight, out=out)
