"""Runge–Kutta nets in full (2.11) as PyTorch modules; a layer's backward pass is its adjoint.

An explicit scheme's stages follow one another. An implicit scheme's stages f_i = σ(z_i), with

    z_i = K_i y_i + b_i,   y_i = y + h Σ_j a_ij f_j,

are equations. Their right side is a contraction if h is small: by |h| ‖A‖₂ max σ' max_i ‖K_i‖₂.
The fixed-point iteration is used as long as every step at least halves what the equations are off
by. From the first step on that does not, it is Newton's method; its matrix, I less the blocks
h a_ij diag σ'(z_i) K_i, is that of the adjoint, transposed. The equations count as solved if
|f_i − σ(z_i)| ≤ tolerance · max(1, max |z_i|), or as near as eight roundings of the number format.

The adjoint is linear in ξ_i = h β_i p_i, (3.17), which zero weights do not stop; it is solved
exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from rknet.networks.base import UnsolvedError
from rknet.networks.general import General
from rknet.networks.modules import ACTIVATIONS, FeatureNet


class Activation(NamedTuple):
    """An activation σ.

    Attributes
    ----------
    value : callable
        σ, elementwise.
    slope : callable
        σ'(z) from f = σ(z).
    """

    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]


#: By function, as a `FeatureNet` has it.
_ACTIVATIONS = {
    ACTIVATIONS[name]: Activation(ACTIVATIONS[name], slope)
    for name, slope in (
        ("tanh", lambda f: 1 - f * f),
        ("logistic", lambda f: f * (1 - f)),
        ("relu", lambda f: (f > 0).to(f.dtype)),
        ("softplus", lambda f: -torch.expm1(-f)),
    )
}

#: The most that a step of the fixed-point iteration may leave of what the equations are off by.
CONTRACTION = 0.5

#: The most numbers in the matrices of linear equations that are solved at once.
_MOST_NUMBERS = 2**24


class Scheme(NamedTuple):
    """What all layers have in common: A and β as tensors, and how their equations are solved."""

    A: Tensor
    beta: Tensor
    explicit: bool
    activation: Activation
    tolerance: float
    iterations: int


class Layer(NamedTuple):
    """A layer with the controls of its stages.

    Attributes
    ----------
    number : int
        From 1 on.
    K, b : Tensor, (s, d̂, d̂) and (s, d̂)
    h : Tensor, ()
        Its step size; `size` is its value.
    size : float
    scheme : Scheme
    """

    number: int
    K: Tensor
    b: Tensor
    h: Tensor
    size: float
    scheme: Scheme


class GeneralNet(FeatureNet):
    """A Runge–Kutta net of any scheme, (2.11).

    Parameters
    ----------
    network : General
        The scheme, its controls and steps.
    *shape, **options
        As `FeatureNet`, from `dimension` on.

    Attributes
    ----------
    K, b : nn.Parameter
        (L, d̂, d̂) and (L, d̂) for shared controls; (L, s, …) for those of each stage; (L + 1, …)
        for interpolated ones, see `General.spread`.
    h : nn.Parameter, (L,)
        The step sizes, if they are learned; at first `step_size` in all layers.
    """

    network: General
    K: nn.Parameter
    b: nn.Parameter
    h: nn.Parameter

    def __init__(self, network: General, *shape: int, **options: Any) -> None:
        super().__init__(network, *shape, **options)  # type: ignore[arg-type]
        layers: Any = self._modules["layers"]
        drawn = {
            "K": torch.stack([layer.weight for layer in layers]),
            "b": torch.stack([layer.bias for layer in layers]),
        }
        del self.layers  # a property here, of which every pass makes its own
        for name, values in drawn.items():
            controls = network.spread(values.detach().numpy())
            setattr(self, name, nn.Parameter(torch.from_numpy(controls.copy())))
        self.depth = len(drawn["b"])
        if network.steps != "fixed":
            self.h = nn.Parameter(torch.full((self.depth,), float(self.step_size)))

    @property
    def layers(self) -> list[Layer]:  # type: ignore[override]
        """The layers with the present parameters."""
        scheme, learned = self._scheme(), self.network.steps != "fixed"
        h = self.h if learned else self.K.new_full((self.depth,), self.step_size)
        sizes = h.tolist() if learned else [self.step_size] * self.depth
        K, b = self._of_stages(self.K), self._of_stages(self.b)
        each = zip(K.unbind(), b.unbind(), h.unbind(), sizes, strict=True)
        return [Layer(number, *parts, scheme) for number, parts in enumerate(each, start=1)]

    def _scheme(self) -> Scheme:
        network = self.network
        A, beta = (np.array(part, dtype=float) for part in (network.scheme.A, network.scheme.beta))
        return Scheme(
            self.K.new_tensor(A),
            self.K.new_tensor(beta),
            network.scheme.is_explicit,
            _ACTIVATIONS[self.activation],
            max(network.tolerance, 8 * torch.finfo(self.K.dtype).eps),
            network.iterations,
        )

    def _of_stages(self, u: Tensor) -> Tensor:
        """The controls u_i of every layer's stages, (L, s, …), of the parameters (2.11)."""
        if self.network.controls == "per_stage":
            return u
        if self.network.controls == "shared":
            return u[:, None].expand(-1, self.network.scheme.stages, *u.shape[1:])
        c = u.new_tensor(np.array(self.network.scheme.c, dtype=float))
        c = c.view(-1, *[1] * (u.ndim - 1))
        return (1 - c) * u[:-1, None] + c * u[1:, None]

    def step(self, layer: Layer, y: Tensor) -> Tensor:  # type: ignore[override]
        """The features after `layer`, from those before it, both (samples, d̂).

        Raises
        ------
        UnsolvedError
            If the stage equations of an implicit scheme are not solved.
        """
        return _Step.apply(y, layer.K, layer.b, layer.h, layer)  # type: ignore[no-any-return, no-untyped-call]  # PyTorch's

    @torch.no_grad()
    def constrain(self) -> None:
        """Put step sizes on a simplex back onto it: h_l ≥ 0, Σ h_l the horizon of equal steps."""
        if self.network.steps == "simplex":
            self.h.copy_(on_simplex(self.h.cpu(), self.depth * self.step_size))

    @torch.no_grad()
    def load_arrays(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Set the parameters, named as `arrays` names them.

        Learned steps that are not given, as at a run's start, are all the module's step size.

        Raises
        ------
        RuntimeError
            If a shape does not fit.
        """
        if self.network.steps != "fixed":
            self.h.fill_(self.step_size)
        for name, parameter in self.trained().items():
            if name in parameters or name != "h":
                _fill(parameter, parameters[name], name)
        _fill(self.lift.weight, parameters["lift"], "lift")

    def arrays(self) -> dict[str, np.ndarray]:
        """The parameters as arrays, named as `load_arrays` takes them."""
        tensors = {"lift": self.lift.weight, **self.trained()}
        return {name: tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()}

    def trained(self) -> dict[str, nn.Parameter]:
        """The parameters that training may change, by the names of `arrays`."""
        steps = {} if self.network.steps == "fixed" else {"h": self.h}
        W, mu = self.classifier.weight, self.classifier.bias
        return {"K": self.K, "b": self.b, "W": W, "mu": mu, **steps}  # type: ignore[dict-item]  # parameters


def _fill(tensor: Tensor, array: np.ndarray, name: str) -> None:
    """Copy an array; `Tensor.copy_` alone would broadcast one of another shape."""
    if tensor.shape != array.shape:
        raise RuntimeError(f"{name}: found the shape {array.shape}; expected {tuple(tensor.shape)}")
    tensor.copy_(torch.from_numpy(array))


def on_simplex(v: Tensor, total: float) -> Tensor:
    """The point nearest to v, (n,), with no negative coordinate and the sum `total` > 0.

    By Duchi et al., Efficient projections onto the ℓ1-ball, ICML 2008, figure 1.
    """
    falling = v.sort(descending=True).values
    excess = (falling.cumsum(0) - total) / torch.arange(1, len(v) + 1).to(v)
    kept = int((falling > excess).sum())
    return (v - excess[kept - 1]).clamp(min=0)


class _Step(torch.autograd.Function):
    """A layer (2.11), with its adjoint (3.24)–(3.26) as the backward pass."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, K: Tensor, _b: Tensor, _h: Tensor, layer: Layer) -> Tensor:
        stages, f = (_followed if layer.scheme.explicit else _solved)(y, layer)
        ctx.save_for_backward(K, stages, f)
        ctx.layer = layer
        return y + layer.size * _weighted(layer.scheme.beta, f)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, p: Tensor) -> tuple[Tensor | None, ...]:
        K, stages, f = ctx.saved_tensors
        layer, (A, beta, explicit, *_) = ctx.layer, ctx.layer.scheme
        slopes = layer.scheme.activation.slope(f)
        # η_i = σ'(z_i) ∘ ξ_i and K_iᵀ η_i = f_yᵀ ξ_i.
        eta = (_swept if explicit else _adjoint)(p, slopes, layer)
        pulled = eta @ K
        by_h = None
        if ctx.needs_input_grad[3]:
            # h stands before β_i f_i in (3.4) and before a_ij f_j in (3.6).
            by_h = (p * _weighted(beta, f)).sum()
            by_h = by_h + (pulled * _weighted(A, f)).sum()
        # (3.13), and f_uᵀ ξ_i of (3.19).
        return p + pulled.sum(0), eta.mT @ stages, eta.sum(1), by_h, None


def _followed(y: Tensor, layer: Layer) -> tuple[Tensor, Tensor]:
    """The stages y_i and f_i of an explicit scheme, (s, samples, d̂), one after another."""
    activation, A = layer.scheme.activation, (layer.size * layer.scheme.A).tolist()
    stages: list[Tensor] = []
    f: list[Tensor] = []
    for row, K, b in zip(A, layer.K, layer.b, strict=True):
        stages.append(_sum(y, row, f))
        f.append(activation.value(torch.addmm(b, stages[-1], K.T)))
    return torch.stack(stages), torch.stack(f)


def _swept(p: Tensor, slopes: Tensor, layer: Layer) -> Tensor:
    """The η_i of an explicit scheme, by (3.17) from the last stage to the first."""
    A, beta = (layer.size * layer.scheme.A).tolist(), (layer.size * layer.scheme.beta).tolist()
    # Of the stages after i, the last first.
    eta: list[Tensor] = []
    pulled: list[Tensor] = []
    for i in reversed(range(len(beta))):
        later = [A[j][i] for j in reversed(range(i + 1, len(beta)))]
        eta.append(slopes[i] * _sum(beta[i] * p, later, pulled))
        pulled.append(eta[-1] @ layer.K[i])
    return torch.stack(eta[::-1])


def _sum(y: Tensor, weights: list[float], terms: list[Tensor]) -> Tensor:
    """y + Σ weights · terms, without the zero weights and those beyond the terms."""
    for weight, term in zip(weights, terms, strict=False):
        if weight != 0:
            y = torch.add(y, term, alpha=weight)
    return y


def _solved(y: Tensor, layer: Layer) -> tuple[Tensor, Tensor]:
    """The stages y_i and f_i of an implicit scheme, (s, samples, d̂), by iteration.

    Raises
    ------
    UnsolvedError
        If they do not solve their equations after all iterations.
    """
    scheme, b = layer.scheme, layer.b[:, None]
    hA, K = layer.size * scheme.A, layer.K.mT
    sigma = scheme.activation.value
    f = sigma(torch.baddbmm(b, y.expand(len(K), *y.shape), K))
    before, contracts, iteration = math.inf, True, 0
    while True:
        iteration += 1
        stages = y + _weighted(hA, f)
        z = torch.baddbmm(b, stages, K)
        found = sigma(z)
        change = found - f
        off, largest = _largest(change), _largest(z)
        if off <= scheme.tolerance * max(1.0, largest):
            return stages, found
        if iteration == scheme.iterations or not math.isfinite(off):
            raise UnsolvedError(
                f"layer {layer.number}: the stage equations are not solved: off by {off:.3g} "
                f"after {iteration} iterations"
            )
        contracts = contracts and off <= CONTRACTION * before
        before = off
        if contracts:
            f = found
        else:
            f = f + _linear(scheme.activation.slope(found), layer, change, transposed=False)


def _largest(values: Tensor) -> float:
    return float(torch.linalg.vector_norm(values, math.inf))


def _weighted(weights: Tensor, terms: Tensor) -> Tensor:
    """Σ_j weights_j terms_j, of one row of weights or of several."""
    return (weights @ terms.flatten(1)).view(*weights.shape[:-1], *terms.shape[1:])


def _adjoint(p: Tensor, slopes: Tensor, layer: Layer) -> Tensor:
    """The η_i of an implicit scheme: σ'(z_i) ∘ ξ_i of the linear equations (3.17)."""
    right = (layer.size * layer.scheme.beta)[:, None, None] * p
    return slopes * _linear(slopes, layer, right, transposed=True)


def _linear(slopes: Tensor, layer: Layer, right: Tensor, transposed: bool) -> Tensor:
    """Solve with the matrix I − h a_ij diag σ'(z_i) K_i of all stages, sample by sample.

    Parameters
    ----------
    slopes, right : Tensor, (s, samples, d̂)
    layer : Layer
    transposed : bool
        Whether to solve with its transpose instead.

    Raises
    ------
    UnsolvedError
        If a matrix is singular.
    """
    s, _, width = slopes.shape
    hA = (layer.size * layer.scheme.A)[:, None, :, None]
    identity = torch.eye(s * width, dtype=hA.dtype, device=hA.device).view(s, width, s, width)
    at_once, parts = max(1, _MOST_NUMBERS // (s * width) ** 2), []
    for slope, part in zip(slopes.split(at_once, dim=1), right.split(at_once, dim=1), strict=True):  # type: ignore[no-untyped-call]  # PyTorch's
        fy = slope.transpose(0, 1)[..., None] * layer.K  # of each sample and stage
        matrix = (identity - hA * fy[:, :, :, None, :]).flatten(3, 4).flatten(1, 2)
        columns = part.transpose(0, 1).flatten(1, 2)[..., None]
        found, singular = torch.linalg.solve_ex(matrix.mT if transposed else matrix, columns)
        if singular.any():
            raise UnsolvedError(
                f"layer {layer.number}: the linear equations of a sample are singular"
            )
        parts.append(found.view(-1, s, width).transpose(0, 1))
    return torch.cat(parts, dim=1)
