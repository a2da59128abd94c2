"""The adjoint sweep in PyTorch, on any device and dtype.

It is the compiled engine's algorithm, for wide networks. These spend their time on reading and
writing parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from rknet.engines.base import Parameters, Problem
from rknet.engines.on_torch.affine import Affine, Library
from rknet.engines.on_torch.loop import TorchEngine
from rknet.engines.on_torch.wide import FewSamples, has_kernels
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
#: Numbers a feature array has in an evaluation: enough for a large product, few enough for a cache.
_EVALUATED_FEATURES = 2**19


class AdjointEngine(TorchEngine):
    """The adjoint sweep (3.24)–(3.26) with the optimiser applied layer by layer inside it.

    Gives what `AutogradEngine` gives, without autograd: one matrix product a layer for the gradient
    over all stages and samples, into one buffer that the optimiser empties before the next layer.
    What a step reads and writes of main memory is the parameters and their moments, and of the
    parameters a second reading: nothing else is that large.

    Parameters
    ----------
    problem : Problem
    device : str or torch.device, optional
        Where it trains.
    in_place : bool, optional
        On the CPU, train the problem's own start, instead of a copy: a quarter less memory.
    """

    def __init__(
        self, problem: Problem, device: str | torch.device = "cpu", in_place: bool = False
    ) -> None:
        cell, tableau, start = problem.cell, problem.network.tableau, problem.start
        super().__init__(problem, device, torch.from_numpy(start["mu"]).dtype)
        self._lift = start["lift"]
        lift = torch.from_numpy(self._lift).to(device)
        # The lift is frozen, so the samples are lifted once.
        self._splits = [(x @ lift.T, labels) for x, labels in self._splits]
        h = cell.step_size
        self._residual = problem.network.residual
        self._A = [[h * float(a) for a in row] for row in tableau.A] if tableau else [[0.0]]
        self._beta = [h * float(b) for b in tableau.beta] if tableau else [1.0]
        self._activate = _ACTIVATE[cell.activation]
        self._pull_back = _PULL_BACK[cell.activation]
        self._library = Library(self._optimiser)

        self._parameters = {
            name: (torch.from_numpy if in_place else torch.tensor)(start[name]).to(device)
            for name in ("K", "b", "W", "mu")
        }
        self._moments = [
            {name: torch.zeros_like(parameter) for name, parameter in self._parameters.items()}
            for _ in range(self._optimiser.moments)
        ]
        # PyTorch's fused optimisers count the steps of every tensor.
        self._steps = torch.zeros(cell.depth + 1, 2, device=device)
        *layer_steps, classifier_steps = self._steps
        self._layers = [
            self._affine(steps, "K", "b", layer) for layer, steps in enumerate(layer_steps)
        ]
        self._classifier = self._affine(classifier_steps, "W", "mu", ...)
        # Layer by layer: whoever restores an array has room for it and no more.
        self._changing = {"steps": self._steps} | {
            f"{name} {kind} {row}": part
            for kind, tensors in enumerate((self._parameters, *self._moments))
            for name, tensor in tensors.items()
            for row, part in enumerate(tensor)
        }
        self._sweeps: dict[int, _Sweep] = {}

    def parameters(self) -> Parameters:
        """The present parameters, as `initial_parameters` names them; on the CPU not copied."""
        present = {name: tensor.cpu().numpy() for name, tensor in self._parameters.items()}
        return {"lift": self._lift, **present}

    def state(self) -> dict[str, np.ndarray]:
        """All that training changes; on the CPU not copied."""
        return {name: tensor.cpu().numpy() for name, tensor in self._changing.items()}

    def restore(self, name: str, array: np.ndarray) -> None:
        """Put back an array of `state`."""
        self._changing[name].copy_(torch.from_numpy(array))

    @torch.no_grad()
    def gradients(self, samples: np.ndarray) -> Parameters:
        """Gradients of the mean cost of one batch by the adjoint, without a training step."""
        found: list[list[Tensor]] = []
        self._sweep(
            torch.from_numpy(samples).to(self._device),
            lambda _, deltas, inputs: found.append([deltas.T @ inputs, deltas.sum(dim=0)]),
        )
        depth = self._cell.depth
        K, b = (torch.stack(parts[::-1]) for parts in zip(*found[-depth:], strict=True))
        names = ("K", "b", "W", "mu")
        tensors = (K, b, *(found[0] if len(found) > depth else ()))
        return {n: tensor.cpu().numpy() for n, tensor in zip(names, tensors, strict=False)}

    @torch.no_grad()
    def _train(self, samples: Tensor) -> None:
        self._sweep(samples)

    def _logits(self, x: Tensor) -> Tensor:
        rows = max(1, _EVALUATED_FEATURES // self._cell.width)
        logits = x.new_empty(len(x), len(self._classifier.parameters[1]))
        for part, out in zip(x.split(rows), logits.split(rows), strict=True):
            y = part.clone()
            # Nothing is kept: every layer has the same stages, and its output replaces its input.
            later, slopes = torch.empty_like(y), list(y.new_empty(len(self._beta), *y.shape))
            stages = [y, *(later for _ in slopes[1:])]
            for layer in self._layers:
                self._forward(self._library, layer, stages, slopes, y)
            self._library.apply(self._classifier, y, out)
        return logits

    def _sweep(
        self, samples: Tensor, use: Callable[[Affine, Tensor, Tensor], None] | None = None
    ) -> None:
        """Sweep a batch forward and back, and train; or call `use` as `Library.train` otherwise."""
        at = self._sweeps.get(len(samples))
        if at is None:
            at = self._sweeps[len(samples)] = self._prepared(len(samples))
        x, labels = self._splits[0]
        use = use or at.maps.train

        at.features[0].copy_(x[samples])
        for layer, stages, slopes, y in zip(
            self._layers, at.stages, at.slopes, at.features[1:], strict=True
        ):
            self._forward(at.maps, layer, stages, slopes, y)

        y, p = at.features[-1], at.p
        at.maps.apply(self._classifier, y, at.logits)
        delta = self._loss.torch_gradient(at.logits, labels[samples])
        at.maps.pull_back(self._classifier, delta, p)  # (3.11)
        if self._cell.classifier == "trained":
            use(self._classifier, delta, y)

        for layer, stages, slopes in zip(
            reversed(self._layers), reversed(at.all_stages), reversed(at.slopes), strict=True
        ):
            self._backward(layer, p, slopes, at)
            use(layer, at.all_deltas, stages)

    def _prepared(self, samples: int) -> _Sweep:
        """What sweeps of so many samples need."""
        shape = self._cell.depth, len(self._beta), samples, self._cell.width
        few = has_kernels(self._device, samples)
        maps = FewSamples(self._optimiser, samples) if few else self._library
        return _Sweep.of(maps, shape, like=self._parameters["W"])

    def _forward(
        self,
        maps: Library,
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
                _sum(y, self._A[i], slopes, out=stage)
            maps.apply(layer, stage, slope)
            self._activate(slope)
        if self._residual:
            _sum(y, self._beta, slopes, out=out)
        else:
            out.copy_(slopes[0])

    def _backward(self, layer: Affine, p: Tensor, slopes: list[Tensor], at: _Sweep) -> None:
        """Fill in σ'(z_i) ∘ ξ_i of a layer, and take the adjoint `p` to the layer's input.

        In ξ_i = h β_i p_i, (3.17) and (3.13), which is (3.24)–(3.26) where no weight is zero.
        """
        for i in reversed(range(len(slopes))):
            xi = torch.mul(p, self._beta[i], out=at.deltas[i])
            for j in range(i + 1, len(slopes)):
                if self._A[j][i] != 0:
                    xi.add_(at.pulled[j], alpha=self._A[j][i])
            self._pull_back(xi, slopes[i])
            at.maps.pull_back(layer, xi, at.pulled[i])
        if not self._residual:
            p.zero_()
        for pulled in at.pulled:
            p.add_(pulled)

    def _affine(self, steps: Tensor, matrix: str, bias: str, at: Any) -> Affine:
        """The part `at` of two parameters as an affine map, and what belongs to it."""
        parameters, *moments = (
            [tensors[matrix][at], tensors[bias][at]]
            for tensors in (self._parameters, *self._moments)
        )
        return Affine(parameters, parameters[0].T, moments, list(steps))


class _Sweep(NamedTuple):
    """What the sweeps of a batch fill, allocated and cut into views once.

    ``stages`` and ``slopes``, the y_i and f_i of (2.12), are cut by layer and stage. A layer's
    first stage is its input, so ``features``, the y⁽⁰⁾ to y⁽ᴸ⁾, lie there. ``deltas``, which are
    σ'(z_i) ∘ ξ_i, and ``pulled``, f_y(y_i)ᵀ ξ_i, are one layer's, cut by stage. For products over
    stages and samples at once, ``all_stages`` are cut by layer only and ``all_deltas`` not at all.
    ``p`` is the adjoint. ``maps`` is what takes so many samples best.
    """

    maps: Library
    stages: list[list[Tensor]]
    all_stages: list[Tensor]
    slopes: list[list[Tensor]]
    features: list[Tensor]
    deltas: list[Tensor]
    all_deltas: Tensor
    pulled: list[Tensor]
    p: Tensor
    logits: Tensor

    @classmethod
    def of(cls, maps: Library, shape: tuple[int, int, int, int], like: Tensor) -> _Sweep:
        """Allocate for a shape (layers, stages, samples, d̂), like a classifier's matrix `like`."""
        stages, slopes = like.new_empty(shape), like.new_empty(shape)
        deltas, pulled = like.new_empty(shape[1:]), like.new_empty(shape[1:])
        cut = [list(layer) for layer in stages]
        return cls(
            maps=maps,
            stages=cut,
            all_stages=list(stages.flatten(1, 2)),
            slopes=[list(layer) for layer in slopes],
            features=[*(first for first, *_ in cut), like.new_empty(shape[2:])],
            deltas=list(deltas),
            all_deltas=deltas.flatten(0, 1),
            pulled=list(pulled),
            p=like.new_empty(shape[2:]),
            logits=like.new_empty(shape[2], len(like)),
        )


def _sum(y: Tensor, weights: list[float], slopes: list[Tensor], out: Tensor) -> None:
    """``out = y + Σ weights · slopes``, leaving zero weights out."""
    terms = [(w, slope) for w, slope in zip(weights, slopes, strict=True) if w != 0]
    if not terms:
        out.copy_(y)
    for weight, slope in terms:
        y = torch.add(y, slope, alpha=weight, out=out)
