"""The partitioned Runge–Kutta method (3.4)–(3.6), (3.24)–(3.26) in float64, exactly as printed.

This checks Section 3; networks are not trained with it. It finds the adjoint stages by solving
their linear system for any coefficients, so that wrong coefficients show. Two equations of the
derivation, (3.14) and (3.16), are compared with the derivative of the Lagrangian (3.8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch.nn.functional import cross_entropy

from rknet import datasets
from rknet.cell import Cell
from rknet.datasets import Dataset, Split
from rknet.engines.base import Problem, initial_parameters
from rknet.engines.on_numba.engine import CompiledEngine
from rknet.engines.on_torch.autograd import AutogradEngine
from rknet.networks.modules import RungeKuttaNet
from rknet.networks.runge_kutta import RungeKutta
from rknet.seeds import stream
from rknet.tableau import SCHEMES, AdjointCoefficients, ButcherTableau

#: The largest relative difference that rounding in float64 can explain.
TOLERANCE = 1e-12

# Small enough to solve for all stages at once, large enough for every index to matter.
_DIMENSION, _WIDTH, _DEPTH, _CLASSES, _SAMPLES = 2, 5, 4, 3, 7
# Ten times the paper's, so that the effect of a wrong coefficient is far larger than rounding.
_STEP_SIZE = 0.5

#: The schemes that the networks of (2.12) take.
EXPLICIT = {name: tableau for name, tableau in SCHEMES.items() if tableau.is_explicit}

COLUMNS = ["check", "scheme", "coefficients", "role", "relative_difference", "tolerance", "outcome"]


class Flow(NamedTuple):
    """The features of all layers, and the values that the linearisation at their stages needs.

    Attributes
    ----------
    y : ndarray, (L + 1, samples, d̂)
        y⁽⁰⁾ to y⁽ᴸ⁾ of (3.4).
    stages : ndarray, (L, s, samples, d̂)
        y_i of (3.6).
    slopes : ndarray, (L, s, samples, d̂)
        σ'(K y_i + b).
    """

    y: np.ndarray
    stages: np.ndarray
    slopes: np.ndarray


def flow(tableau: ButcherTableau, K: np.ndarray, b: np.ndarray, h: float, y: np.ndarray) -> Flow:
    """The forward scheme (3.4)–(3.6) for f(u, y) = tanh(K y + b).

    Parameters
    ----------
    tableau : ButcherTableau
        An explicit scheme.
    K, b : ndarray, (L, d̂, d̂) and (L, d̂)
        Parameters u of the layers.
    h : float
        Step size.
    y : ndarray, (samples, d̂)
        Features before the first layer.

    Returns
    -------
    Flow
    """
    A, beta = np.array(tableau.A, dtype=float), np.array(tableau.beta, dtype=float)
    features, stages, slopes = [y], [], []
    for matrix, bias in zip(K, b, strict=True):
        at, f = np.empty((len(beta), *y.shape)), np.zeros((len(beta), *y.shape))
        for i in range(len(beta)):
            at[i] = y + h * np.tensordot(A[i], f, 1)  # (3.6)
            f[i] = np.tanh(at[i] @ matrix.T + bias)  # (3.5)
        y = y + h * np.tensordot(beta, f, 1)  # (3.4)
        features.append(y)
        stages.append(at)
        slopes.append(1 - f**2)
    return Flow(np.stack(features), np.stack(stages), np.stack(slopes))


def linearised(
    tableau: ButcherTableau, K: np.ndarray, h: float, along: Flow, delta: np.ndarray
) -> np.ndarray:
    """A perturbation δy at every layer, by the linearisation of (3.4)–(3.6).

    Parameters
    ----------
    tableau, K, h
        As for `flow`.
    along : Flow
        The flow at which it is linearised.
    delta : ndarray, (samples, d̂)
        δy before the first layer.

    Returns
    -------
    ndarray, (L + 1, samples, d̂)
    """
    A, beta = np.array(tableau.A, dtype=float), np.array(tableau.beta, dtype=float)
    deltas = [delta]
    for matrix, slopes in zip(K, along.slopes, strict=True):
        df = np.zeros_like(slopes)
        for i in range(len(beta)):
            df[i] = slopes[i] * ((delta + h * np.tensordot(A[i], df, 1)) @ matrix.T)
        delta = delta + h * np.tensordot(beta, df, 1)
        deltas.append(delta)
    return np.stack(deltas)


class Adjoint(NamedTuple):
    """The adjoint at all layers p⁽⁰⁾ to p⁽ᴸ⁾, (L + 1, samples, d̂), and its stages p_i."""

    p: np.ndarray
    stages: np.ndarray


def adjoint(
    coefficients: AdjointCoefficients, K: np.ndarray, h: float, along: Flow, p: np.ndarray
) -> Adjoint:
    """The adjoint scheme (3.24)–(3.26), from the last layer to the first.

    A layer's p⁽ˡ⁾ and p_i, given p⁽ˡ⁺¹⁾, solve a linear system: it is set up and solved.

    Parameters
    ----------
    coefficients : AdjointCoefficients
        (Ã, β̃, c̃); those of (3.23), or others.
    K, h
        As for `flow`.
    along : Flow
        The flow at which f_y is evaluated.
    p : ndarray, (samples, d̂)
        p⁽ᴸ⁾.

    Returns
    -------
    Adjoint
    """
    stages, samples, width = along.slopes.shape[1:]
    layers, adjoint_stages = [p], []
    for matrix, slopes in zip(K[::-1], along.slopes[::-1], strict=True):
        # −f_y(u, y_i)ᵀ of each stage and sample: g_i of (3.25) is this times p_i.
        minus_fy = -np.einsum("kc,isk->isck", matrix, slopes)
        system = np.zeros((samples, stages + 1, width, stages + 1, width))
        identity = np.eye(width)
        for i in range(stages):
            system[:, i, :, i, :] += identity  # (3.26): p_i − p⁽ˡ⁾ − h Σ ã_ij g_j = 0
            system[:, i, :, stages, :] -= identity
            for j in range(stages):
                system[:, i, :, j, :] -= h * coefficients.A[i, j] * minus_fy[j]
            system[:, stages, :, i, :] += h * coefficients.beta[i] * minus_fy[i]  # (3.24)
        system[:, stages, :, stages, :] += identity
        unknowns = (stages + 1) * width
        right = np.zeros((samples, unknowns))
        right[:, -width:] = p
        solution = np.linalg.solve(system.reshape(samples, unknowns, unknowns), right[..., None])
        solution = solution.reshape(samples, stages + 1, width)
        p = solution[:, -1]
        layers.append(p)
        adjoint_stages.append(solution[:, :-1].transpose(1, 0, 2))
    return Adjoint(np.stack(layers[::-1]), np.stack(adjoint_stages[::-1]))


def gradients(
    coefficients: AdjointCoefficients, h: float, along: Flow, of: Adjoint
) -> dict[str, np.ndarray]:
    """The gradient by each layer's (K, b): h β̃_i f_u(u, y_i)ᵀ p_i, (3.22), summed over stages.

    The stages share one u, so their conditions add up.
    """
    scaled = h * coefficients.beta[:, None, None] * along.slopes * of.stages
    return {
        "K": np.einsum("lisr,lisc->lrc", scaled, along.stages),
        "b": scaled.sum(axis=(1, 2)),
    }


def relative_difference(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> float:
    """‖found − wanted‖ / ‖wanted‖ over the arrays of `wanted`."""
    difference = sum(np.sum((found[name] - wanted[name]) ** 2) for name in wanted)
    return float(np.sqrt(difference / sum(np.sum(array**2) for array in wanted.values())))


def commutation_error(tableau: ButcherTableau, coefficients: AdjointCoefficients) -> float:
    """How far the gradient by the adjoint scheme is from the discrete problem's, by autograd."""
    network, x, labels = _example(tableau)
    cost = cross_entropy(network(x), labels)
    layers = list(network.layers)
    found = torch.autograd.grad(cost, [p for layer in layers for p in (layer.weight, layer.bias)])
    wanted = {"K": torch.stack(found[::2]).numpy(), "b": torch.stack(found[1::2]).numpy()}

    u = network.arrays()
    along = flow(tableau, u["K"], u["b"], _STEP_SIZE, x.numpy() @ u["lift"].T)
    # p⁽ᴸ⁾ = ∇F(y⁽ᴸ⁾), (3.11), with (softmax − one-hot) / samples by (3.1).
    logits = along.y[-1] @ u["W"].T + u["mu"]
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    p = (softmax - np.eye(_CLASSES)[labels.numpy()]) / _SAMPLES @ u["W"]
    swept = adjoint(coefficients, u["K"], _STEP_SIZE, along, p)
    return relative_difference(gradients(coefficients, _STEP_SIZE, along, swept), wanted)


def invariant_drift(tableau: ButcherTableau, coefficients: AdjointCoefficients) -> float:
    """By how much p·δy varies over the layers, for δy⁽⁰⁾ and p⁽ᴸ⁾ in random directions.

    Relative to ‖p⁽ᴸ⁾‖ ‖δy⁽ᴸ⁾‖; the largest over layers and samples.
    """
    network, x, _ = _example(tableau)
    u, rng = network.arrays(), stream("scheme check", what="directions")
    along = flow(tableau, u["K"], u["b"], _STEP_SIZE, x.numpy() @ u["lift"].T)
    delta = linearised(tableau, u["K"], _STEP_SIZE, along, rng.standard_normal((_SAMPLES, _WIDTH)))
    last = rng.standard_normal((_SAMPLES, _WIDTH))
    p = adjoint(coefficients, u["K"], _STEP_SIZE, along, last).p
    product = np.sum(p * delta, axis=-1)
    scale = np.linalg.norm(p[-1], axis=-1) * np.linalg.norm(delta[-1], axis=-1)
    return float(np.max(np.abs(product - product[-1]) / scale))


def training_error(tableau: ButcherTableau) -> float:
    """How far the compiled engine's gradient, in ξ_i = h β_i p_i (3.17), is from autograd's."""
    dataset = datasets.draw("donut_3d_3c", 0)
    few = Dataset(*(Split(x[:_SAMPLES], labels[:_SAMPLES]) for x, labels in dataset), dataset.about)
    cell = Cell("donut_3d_3c", "Net", _WIDTH, _DEPTH, step_size=_STEP_SIZE, batch_size=_SAMPLES)
    start = initial_parameters(cell, 0, 3, 3, np.float64)
    given = Problem(cell, RungeKutta(tableau), start, few)
    batch = np.arange(_SAMPLES)
    wanted = AutogradEngine(given).gradients(batch)
    return relative_difference(CompiledEngine(given).gradients(batch), wanted)


class Point(NamedTuple):
    """A point at which the Lagrangian (3.8) is differentiated; it need not solve anything.

    Attributes
    ----------
    K, b : ndarray, (L, d̂, d̂) and (L, d̂)
        Parameters u; the stages of a layer share them.
    Y, P : ndarray, (L + 1, d̂)
        Features and their multipliers.
    F, Xi : ndarray, (L, s, d̂)
        Values f_i of the stages and their multipliers ξ_i.
    """

    K: np.ndarray
    b: np.ndarray
    Y: np.ndarray
    P: np.ndarray
    F: np.ndarray
    Xi: np.ndarray


def lagrangian_gradient(tableau: ButcherTableau, h: float, at: Point) -> np.ndarray:
    """The derivative of the Lagrangian (3.8) by F, by autograd; (L, s, d̂).

    What does not depend on F is left out of it.
    """
    A, beta = (torch.tensor(np.array(c, dtype=float)) for c in (tableau.A, tableau.beta))
    K, b, Y, P, F, Xi = map(torch.from_numpy, at)
    F.requires_grad_()
    value = torch.zeros((), dtype=torch.float64)
    for layer in range(len(K)):
        value = value + P[layer + 1] @ (h * beta @ F[layer])
        f = torch.tanh((Y[layer] + h * A @ F[layer]) @ K[layer].T + b[layer])
        value = value + torch.sum(Xi[layer] * (f - F[layer]))
    return torch.autograd.grad(value, F)[0].numpy()


def variation(
    tableau: ButcherTableau, h: float, at: Point, delta: np.ndarray, inner: np.ndarray
) -> float:
    """The right side of (3.14): the derivative of the Lagrangian by F in a direction.

    Parameters
    ----------
    tableau : ButcherTableau
    h : float
    at : Point
    delta : ndarray, (L, s, d̂)
        The direction δf.
    inner : ndarray, (L, s, d̂)
        What is summed over j with a_ij: g in print.
    """
    A, beta = np.array(tableau.A, dtype=float), np.array(tableau.beta, dtype=float)
    direct = h * np.einsum("ld,i,lid->", at.P[1:], beta, delta) - np.sum(at.Xi * delta)
    fy_inner = _slopes(A, h, at) * np.einsum("lrc,ij,ljc->lir", at.K, A, inner)
    return float(direct + h * np.sum(at.Xi * fy_inner))


def conditions(
    tableau: ButcherTableau, h: float, at: Point, stages: Iterable[int]
) -> np.ndarray | None:
    """The right side of (3.16) for the stages with these numbers; the first has the number 1.

    Returns
    -------
    ndarray, (L, stages, d̂), or None
        None if the scheme has no stage of such a number.
    """
    A, beta = np.array(tableau.A, dtype=float), np.array(tableau.beta, dtype=float)
    place = {number: index for index, number in enumerate(range(1, len(beta) + 1))}
    stages = list(stages)
    if not set(stages) <= set(place):
        return None
    transposed = np.einsum("lrc,ljr->ljc", at.K, _slopes(A, h, at) * at.Xi)  # f_yᵀ ξ_j
    found = [
        h * beta[i] * at.P[1:] - at.Xi[:, i] + h * np.einsum("j,ljc->lc", A[:, i], transposed)
        for i in (place[number] for number in stages)
    ]
    return np.stack(found, axis=1)


def _slopes(A: np.ndarray, h: float, at: Point) -> np.ndarray:
    """σ'(K y_i + b) at the stages y_i of (3.6); (L, s, d̂)."""
    stages = at.Y[:-1, None] + h * np.einsum("ij,ljd->lid", A, at.F)
    return 1 - np.tanh(np.einsum("lrc,lic->lir", at.K, stages) + at.b[:, None]) ** 2


def _derivation(tableau: ButcherTableau) -> Iterator[tuple[str, str, str, float]]:
    """Equations (3.14) and (3.16) as printed and as they should be: against (3.8), by autograd.

    Each is a check, the form, its role, and the relative difference. As printed, (3.14) has a g
    that (3.25) defines; it is not there without stages that depend on one another, and with a zero
    weight.
    """
    stages, rng = len(tableau.beta), stream("scheme check", what="Lagrangian")
    width, depth = _WIDTH, _DEPTH
    shapes = ((width, width), (width,), None, None, (stages, width), (stages, width))
    at = Point(
        *(rng.standard_normal((depth, *shape) if shape else (depth + 1, width)) for shape in shapes)
    )
    delta = rng.standard_normal(at.F.shape)
    gradient = lagrangian_gradient(tableau, _STEP_SIZE, at)
    wanted = float(np.sum(gradient * delta))

    def off(inner: np.ndarray) -> float:
        return abs(variation(tableau, _STEP_SIZE, at, delta, inner) - wanted) / abs(wanted)

    yield "variation (3.14)", "with δf", "check", off(delta)
    A, beta = np.array(tableau.A, dtype=float), np.array(tableau.beta, dtype=float)
    printed = np.nan
    if A.any() and beta.all():
        p = at.Xi / (_STEP_SIZE * beta[:, None])
        printed = off(-np.einsum("lrc,ljr->ljc", at.K, _slopes(A, _STEP_SIZE, at) * p))
    yield "variation (3.14)", "with g", "printed", printed
    for form, role, first in (("from i = 1", "check", 1), ("from i = 0", "printed", 0)):
        found = conditions(tableau, _STEP_SIZE, at, range(first, stages + 1))
        difference = np.nan
        if found is not None:
            difference = relative_difference({"F": found}, {"F": gradient})
        yield "conditions (3.16)", form, role, difference


def check() -> pd.DataFrame:
    """Check Section 3 with every named scheme that is explicit.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. ``check`` is ``commutation`` (the gradient of the discrete problem is
        what (3.24)–(3.26) gives), ``invariant`` (p·δy is the same at every layer) or ``training``
        (the gradient that the compiled engine computes, in the form that needs no division by a
        weight); ``variation (3.14)`` and ``conditions (3.16)`` are these equations against the
        derivative of (3.8). ``role`` is ``check``, or ``control``: there A replaces Ã, and must not
        agree; or ``printed``, where the print seems to err. ``outcome`` is ``agrees``, ``differs``
        or ``not applicable``.
    """
    rows = []
    for name, tableau in EXPLICIT.items():
        try:
            right = tableau.adjoint()
        except ValueError:
            rows += [
                {"check": check, "scheme": name, "coefficients": "(3.23)", "role": "check"}
                for check in ("commutation", "invariant")
            ]
            continue
        wrong = right._replace(A=np.array(tableau.A, dtype=float))
        for check, error in (("commutation", commutation_error), ("invariant", invariant_drift)):
            for role, coefficients in (("check", right), ("control", wrong)):
                label = "(3.23)" if role == "check" else "A for Ã"
                row = {"check": check, "scheme": name, "coefficients": label, "role": role}
                rows.append({**row, "relative_difference": error(tableau, coefficients)})
    # With a zero weight, (3.23) has no solution, but the form that training uses has one.
    for name in ("midpoint", "rk4"):
        row = {"check": "training", "scheme": name, "coefficients": "ξ, (3.17)", "role": "check"}
        rows.append({**row, "relative_difference": training_error(SCHEMES[name])})
    names = ("check", "coefficients", "role", "relative_difference")
    rows += [
        {"scheme": name, **dict(zip(names, found, strict=True))}
        for name, tableau in EXPLICIT.items()
        for found in _derivation(tableau)
    ]
    frame = pd.DataFrame(rows).assign(tolerance=TOLERANCE)
    differences = frame["relative_difference"]
    outcome = np.where(differences <= TOLERANCE, "agrees", "differs")
    frame["outcome"] = np.where(differences.isna(), "not applicable", outcome)
    return frame[COLUMNS]


def _example(tableau: ButcherTableau) -> tuple[RungeKuttaNet, torch.Tensor, torch.Tensor]:
    """A small network of a scheme in float64, and samples with their classes."""
    network = RungeKuttaNet(
        tableau, _DIMENSION, _WIDTH, _DEPTH, _CLASSES, step_size=_STEP_SIZE
    ).double()
    cell = Cell("", "", _WIDTH, _DEPTH)
    network.load_arrays(initial_parameters(cell, 0, _DIMENSION, _CLASSES, np.float64))
    rng = stream("scheme check", what="samples")
    x = torch.from_numpy(rng.standard_normal((_SAMPLES, _DIMENSION)))
    return network, x, torch.from_numpy(rng.integers(_CLASSES, size=_SAMPLES))
