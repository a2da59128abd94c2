"""Time what else can train an RK4Net: L = 100, width 16, batch 5, on one thread.

Prints a table and writes results/benchmarks/peers.csv. All have the same start and data, and before
one is timed, its costs over three epochs are compared with the compiled engine's. What cannot be
imported, or has other costs, is in the table with the reason. Times on a shared machine drift, so
all take turns, and what counts is the median over rounds of the ratio within a round.

`make benchmark-peers` makes the environment that this needs, from benchmarks/peers.txt.
"""

from __future__ import annotations

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
import pandas as pd

from rknet import datasets
from rknet.cell import Cell
from rknet.engines.base import Metrics, Problem, initial_parameters
from rknet.files import write_text
from rknet.networks.runge_kutta import RungeKutta
from rknet.optimisers.adam import BETA1, BETA2, EPSILON
from rknet.tableau import SCHEMES

CELL = Cell("spiral", "RK4Net", width=16, depth=100)
EPOCHS = 3
#: Largest relative deviation of a cost. Single precision rounds at 6e-8, which Adam amplifies: it
#: divides small gradients by their size.
TOLERANCE = 1e-4
COMPILED = "rknet, compiled"


class Peer(Protocol):
    """What is timed; the methods are those of `rknet.engines.base.Engine`."""

    def train_epoch(self, order: np.ndarray) -> None:
        """Train in batches cut from `order`."""

    def evaluate(self) -> Metrics:
        """Cost and accuracy on both splits."""


class Kind(NamedTuple):
    """How a peer is made, how many of its training steps are timed a round, and its scheme."""

    make: Callable[[Problem], Peer]
    steps: int
    scheme: str = "rk4"


def compiled(problem: Problem) -> Peer:
    """The engine that all are compared with."""
    from rknet.engines.on_numba.engine import CompiledEngine

    return CompiledEngine(problem)


def autograd(problem: Problem) -> Peer:
    """A module of linear layers, trained by the loop that anyone would write first."""
    import torch

    from rknet.engines.on_torch.autograd import AutogradEngine

    torch.set_num_threads(1)
    return AutogradEngine(problem)


class OnTorch:
    """PyTorch at its best by hand: the layers' parameters in one tensor, and a fused Adam.

    Parameters
    ----------
    problem : Problem
    propagate : callable
        The features after all layers, from those before them, K and b.
    compile_ : bool, optional
        Whether `torch.compile` compiles what propagates.
    """

    def __init__(
        self, problem: Problem, propagate: Callable[..., Any], compile_: bool = False
    ) -> None:
        import torch

        if compile_ and not shutil.which(os.environ.get("CXX", "g++")):
            raise RuntimeError("torch.compile needs a C++ compiler, and there is none")
        torch.set_num_threads(1)
        self._torch, self._batch = torch, problem.cell.batch_size
        self._parameters = [
            torch.tensor(problem.start[name], requires_grad=True) for name in ("K", "b", "W", "mu")
        ]
        self._adam = torch.optim.Adam(self._parameters, problem.cell.learning_rate, fused=True)
        self._splits = [
            (torch.from_numpy(x), torch.from_numpy(labels)) for x, labels in lifted(problem)
        ]
        cross_entropy = torch.nn.functional.cross_entropy

        def logits(x: Any) -> Any:
            K, b, W, mu = self._parameters
            return propagate(problem, x, K, b) @ W.T + mu

        def cost(x: Any, labels: Any) -> Any:
            return cross_entropy(logits(x), labels)

        static = partial(torch.compile, dynamic=False) if compile_ else lambda f: f
        self._cost, self._logits = static(cost), static(logits)

    def train_epoch(self, order: np.ndarray) -> None:
        """Train in batches cut from `order`."""
        x, labels = self._splits[0]
        for batch in self._torch.from_numpy(order).split(self._batch):
            self._adam.zero_grad()
            self._cost(x[batch], labels[batch]).backward()
            self._adam.step()

    def evaluate(self) -> Metrics:
        """Cost and accuracy on both splits."""
        values: list[float] = []
        with self._torch.no_grad():
            for x, labels in self._splits:
                z = self._logits(x)
                costs = self._torch.nn.functional.cross_entropy(z, labels, reduction="none")
                correct = (z.argmax(dim=1) == labels).double().mean()
                values += [float(costs.double().mean()), 100 * float(correct)]
        return Metrics(*values)


def layer_by_layer(problem: Problem, y: Any, K: Any, b: Any) -> Any:
    """The layers (2.12) one after another, in PyTorch."""
    from torch import addmm, tanh

    for A, c in zip(K.unbind(), b.unbind(), strict=True):
        y = problem.network.step(
            lambda y, A=A, c=c: tanh(addmm(c, y, A.T)), y, problem.cell.step_size
        )
    return y


def by_torchdiffeq(problem: Problem, y: Any, K: Any, b: Any) -> Any:
    """The ODE of the layers, with parameters constant in each: layer l is the time from l to l + 1.

    The stages at a layer's ends belong to that layer, which is what `perturb` is for.
    """
    import torch
    from torchdiffeq import odeint

    layers = list(zip(K.unbind(), b.unbind(), strict=True))

    def f(t: Any, y: Any) -> Any:
        A, c = layers[int(t)]
        return problem.cell.step_size * torch.tanh(torch.addmm(c, y, A.T))

    times = torch.tensor([0.0, len(layers)])
    return odeint(f, y, times, method="rk4", options={"step_size": 1.0, "perturb": True})[-1]


class OnJax:
    """JAX: an epoch is one compiled function.

    Parameters
    ----------
    problem : Problem
    training : callable
        From the problem, a function of state and batch that gives the state after a training step,
        and the state before the first.
    propagate : callable
        The features after all layers, from those before them, K and b.
    """

    def __init__(
        self,
        problem: Problem,
        training: Callable[..., tuple[Callable[..., Any], Any]],
        propagate: Callable[..., Any],
    ) -> None:
        import jax
        import jax.numpy as jnp

        splits = [(jnp.asarray(x), jnp.asarray(labels)) for x, labels in lifted(problem)]
        start = {name: jnp.asarray(problem.start[name]) for name in ("K", "b", "W", "mu")}
        step, self._state = training(problem, start, partial(propagate, problem))
        self._batch = problem.cell.batch_size

        @partial(jax.jit, donate_argnums=0)
        def epoch(state: Any, batches: Any) -> Any:
            x, labels = splits[0]
            return jax.lax.scan(lambda s, i: (step(s, x[i], labels[i]), None), state, batches)[0]

        @jax.jit
        def evaluate(parameters: Any) -> Any:
            logits = [(logits_of(problem, propagate, parameters, x), k) for x, k in splits]
            return [(costs(z, k), z.argmax(axis=1) == k) for z, k in logits]

        self._epoch, self._evaluate, self._ready = epoch, evaluate, jax.block_until_ready

    def train_epoch(self, order: np.ndarray) -> None:
        """Train in batches cut from `order`."""
        self._state = self._ready(self._epoch(self._state, order.reshape(-1, self._batch)))

    def evaluate(self) -> Metrics:
        """Cost and accuracy on both splits."""
        values: list[float] = []
        for costs_, correct in self._evaluate(self._state[0]):
            values += [np.asarray(costs_, np.float64).mean(), 100 * np.asarray(correct).mean()]
        return Metrics(*values)


def logits_of(problem: Problem, propagate: Callable[..., Any], parameters: Any, x: Any) -> Any:
    """The logits in JAX."""
    y = propagate(problem, x, parameters["K"], parameters["b"])
    return y @ parameters["W"].T + parameters["mu"]


def costs(z: Any, labels: Any) -> Any:
    """The cross-entropy (3.1) of each sample in JAX."""
    import jax
    import jax.numpy as jnp

    return -jnp.take_along_axis(jax.nn.log_softmax(z), labels[:, None], axis=1)[:, 0]


def by_autodiff(
    problem: Problem, start: Any, propagate: Callable[..., Any]
) -> tuple[Callable[..., Any], Any]:
    """Training by JAX's gradient, and Optax's Adam."""
    import jax
    import optax

    adam = optax.adam(problem.cell.learning_rate, BETA1, BETA2, EPSILON)

    def cost(parameters: Any, x: Any, labels: Any) -> Any:
        y = propagate(x, parameters["K"], parameters["b"])
        return costs(y @ parameters["W"].T + parameters["mu"], labels).mean()

    def step(state: Any, x: Any, labels: Any) -> Any:
        parameters, moments = state
        updates, moments = adam.update(jax.grad(cost)(parameters, x, labels), moments)
        return optax.apply_updates(parameters, updates), moments

    return step, (start, adam.init(start))


def by_adjoint(
    problem: Problem, start: Any, propagate: Callable[..., Any]
) -> tuple[Callable[..., Any], Any]:
    """Training by the adjoint (3.24)–(3.26) in JAX, with Adam applied layer by layer inside it."""
    import jax
    import jax.numpy as jnp

    h, tableau = problem.cell.step_size, problem.network.tableau
    A = np.array(tableau.A, float).tolist()
    beta = np.array(tableau.beta, float).tolist()

    def forward(y: Any, layer: Any) -> Any:
        stages, slopes = [], []

        def f(y: Any) -> Any:
            stages.append(y)
            slopes.append(jnp.tanh(y @ layer["K"].T + layer["b"]))
            return slopes[-1]

        return problem.network.step(f, y, h), (jnp.stack(stages), jnp.stack(slopes))

    def update(parameters: Any, moments: Any, gradients: Any, factors: Any) -> Any:
        rate, correction = factors
        m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, moments[0], gradients)
        v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, moments[1], gradients)
        return jax.tree.map(
            lambda w, m, v: w - rate * m / (jnp.sqrt(v) * correction + EPSILON), parameters, m, v
        ), (m, v)

    def step(state: Any, x: Any, labels: Any) -> Any:
        parameters, moments, count = state
        count += 1
        factors = problem.cell.learning_rate / (1 - BETA1**count), (1 - BETA2**count) ** -0.5
        layers, classifier = (pick(parameters, names) for names in (("K", "b"), ("W", "mu")))
        y, kept = jax.lax.scan(forward, x, layers)
        W = classifier["W"]
        z = y @ W.T + classifier["mu"]
        delta = (jax.nn.softmax(z) - jax.nn.one_hot(labels, len(W))) / len(labels)
        gradients = {"W": delta.T @ y, "mu": delta.sum(axis=0)}

        def backward(p: Any, part: Any) -> Any:
            layer, moments, (stages, slopes) = part
            pulled: list[Any] = [None] * len(beta)
            xi: list[Any] = list(pulled)
            for i in reversed(range(len(beta))):
                later = sum(A[j][i] * pulled[j] for j in range(i + 1, len(beta)) if A[j][i])
                xi[i] = h * (beta[i] * p + later) * (1 - slopes[i] ** 2)
                pulled[i] = xi[i] @ layer["K"]
            flat, width = jnp.concatenate(xi), p.shape[1]
            gradients = {"K": flat.T @ stages.reshape(-1, width), "b": flat.sum(axis=0)}
            return p + sum(pulled), update(layer, moments, gradients, factors)

        of_layers = tuple(pick(m, ("K", "b")) for m in moments)
        _, (layers, of_layers) = jax.lax.scan(
            backward, delta @ W, (layers, of_layers, kept), reverse=True
        )
        of_classifier = tuple(pick(m, ("W", "mu")) for m in moments)
        classifier, of_classifier = update(classifier, of_classifier, gradients, factors)
        both = zip(of_layers, of_classifier, strict=True)
        return {**layers, **classifier}, tuple({**m, **n} for m, n in both), count

    del propagate  # evaluation alone needs it
    # Zeros of their own for each moment: the epoch takes over the memory of its state.
    moments = tuple(jax.tree.map(jnp.zeros_like, start) for _ in range(2))
    return step, (start, moments, jnp.float32(0))


def pick(parameters: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Some of the parameters."""
    return {name: parameters[name] for name in names}


def scanned(problem: Problem, y: Any, K: Any, b: Any) -> Any:
    """The layers (2.12) one after another, in JAX."""
    import jax
    import jax.numpy as jnp

    def layer(y: Any, part: Any) -> Any:
        A, c = part
        f = lambda y: jnp.tanh(y @ A.T + c)  # noqa: E731
        return problem.network.step(f, y, problem.cell.step_size), None

    return jax.lax.scan(layer, y, (K, b))[0]


def by_diffrax(problem: Problem, y: Any, K: Any, b: Any) -> Any:
    """A step of the ODE for each layer; diffrax has no RK4, but takes its tableau.

    Its `diffeqsolve` with constant steps cannot be told that parameters jump between layers, so its
    solver is stepped, as its documentation shows.
    """
    import diffrax
    import jax
    import jax.numpy as jnp

    A = np.array(problem.network.tableau.A, float)
    coefficients = diffrax.ButcherTableau(
        a_lower=tuple(A[i, :i] for i in range(1, len(A))),
        b_sol=np.array(problem.network.tableau.beta, float),
        b_error=np.zeros(len(A)),
        c=np.array(problem.network.tableau.c, float)[1:],
    )

    class Scheme(diffrax.AbstractERK):
        tableau: ClassVar[diffrax.ButcherTableau] = coefficients
        interpolation_cls: ClassVar[Callable[..., Any]] = diffrax.LocalLinearInterpolation

        def order(self, terms: Any) -> int:  # noqa: ARG002
            return 4

    solver = Scheme()
    term = diffrax.ODETerm(lambda t, y, layer: jnp.tanh(y @ layer[0].T + layer[1]))  # noqa: ARG005
    ends = 0.0, problem.cell.step_size

    def step(y: Any, layer: Any) -> Any:
        state = solver.init(term, *ends, y, layer)
        return solver.step(term, *ends, y, layer, state, made_jump=False)[0], None

    return jax.lax.scan(step, y, (K, b))[0]


#: All that are compared, by the names in the table. JAX times an epoch, whatever it is asked for.
KINDS: dict[str, Kind] = {
    COMPILED: Kind(compiled, 300),
    "PyTorch, autograd, a module of layers": Kind(autograd, 6),
    "PyTorch, autograd, stacked parameters": Kind(partial(OnTorch, propagate=layer_by_layer), 6),
    "PyTorch, torch.compile": Kind(partial(OnTorch, propagate=layer_by_layer, compile_=True), 20),
    "torchdiffeq, rk4 (the 3/8 rule)": Kind(partial(OnTorch, propagate=by_torchdiffeq), 6, "rk38"),
    "JAX, autodiff": Kind(partial(OnJax, training=by_autodiff, propagate=scanned), 300),
    "JAX, the adjoint": Kind(partial(OnJax, training=by_adjoint, propagate=scanned), 300),
    "diffrax, RK4's tableau": Kind(partial(OnJax, training=by_autodiff, propagate=by_diffrax), 300),
}


def problem_of(scheme: str) -> Problem:
    """The training problem, the same for all but for the scheme."""
    start = initial_parameters(CELL, 0, 2, 2)
    return Problem(CELL, RungeKutta(SCHEMES[scheme]), start, datasets.draw(CELL.dataset, 0))


def lifted(problem: Problem) -> list[tuple[np.ndarray, np.ndarray]]:
    """Both splits in the feature space: the lift is frozen."""
    lift = problem.start["lift"]
    return [(x.astype(lift.dtype) @ lift.T, labels) for x, labels in problem.dataset]


def epoch_costs(peer: Peer) -> np.ndarray:
    """Both costs after each of three epochs, from the start."""
    found = []
    for epoch in range(EPOCHS):
        peer.train_epoch(order_of(epoch))
        metrics = peer.evaluate()
        found.append((metrics.training_cost, metrics.validation_cost))
    return np.array(found)


def order_of(epoch: int) -> np.ndarray:
    """An order of all samples."""
    return np.random.default_rng(epoch).permutation(1500)


def deviation(costs: np.ndarray, expected: np.ndarray) -> float:
    """The largest relative deviation of costs; not a number if one of them is none."""
    return float(np.max(np.abs(costs - expected) / np.abs(expected)))


def checked(kinds: dict[str, Kind]) -> tuple[dict[str, Peer], dict[str, float], dict[str, str]]:
    """Those with the compiled engine's costs, how far all deviate, and why others do not count."""
    peers: dict[str, Peer] = {}
    deviations: dict[str, float] = {}
    reasons: dict[str, str] = {}
    expected = {
        scheme: epoch_costs(compiled(problem_of(scheme)))
        for scheme in {kind.scheme for kind in kinds.values()}
    }
    for name, kind in kinds.items():
        began = time.perf_counter()
        try:
            peer = kind.make(problem_of(kind.scheme))
            deviations[name] = deviation(epoch_costs(peer), expected[kind.scheme])
        except ImportError as error:
            reasons[name] = f"cannot be imported: {error}"
        except Exception as error:  # whatever stops a peer is what its row says
            reasons[name] = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        else:
            if deviations[name] <= TOLERANCE:
                peers[name] = peer
            else:
                reasons[name] = f"costs deviate by {deviations[name]:.1g}"
        told = reasons.get(name) or f"same costs, to {deviations[name]:.1g}"
        print(f"{name}: {told} ({time.perf_counter() - began:.0f} s)", file=sys.stderr)
    return peers, deviations, reasons


def times_of(peers: dict[str, Peer], kinds: dict[str, Kind], rounds: int) -> pd.DataFrame:
    """Seconds of a training step and of an evaluation: a row for each peer and round."""
    order, rows = order_of(EPOCHS), []
    for turn in range(rounds):
        for name, peer in peers.items():
            steps = kinds[name].steps
            began = time.perf_counter()
            peer.train_epoch(order[: CELL.batch_size * steps])
            trained = time.perf_counter()
            peer.evaluate()
            evaluation = time.perf_counter() - trained
            rows.append((name, turn, (trained - began) / steps, evaluation))
    return pd.DataFrame(rows, columns=["what", "round", "step", "evaluation"])


def table_of(
    times: pd.DataFrame, deviations: dict[str, float], reasons: dict[str, str], names: list[str]
) -> pd.DataFrame:
    """A row for each name: medians over rounds, and the epoch relative to the compiled engine's.

    An epoch is all training steps and an evaluation. Who was not timed has the reason.
    """
    steps = 1500 // CELL.batch_size
    epochs = (times["step"] * steps + times["evaluation"]).groupby(
        [times["round"], times["what"]]
    ).first().unstack()  # fmt: skip
    ratios = epochs.div(epochs[COMPILED], axis=0).median()
    medians = times.groupby("what")[["step", "evaluation"]].median().reindex(names)
    return pd.DataFrame(
        {
            "what": names,
            "step, µs": 1e6 * medians["step"].to_numpy(),
            "evaluation of 3000 points, ms": 1e3 * medians["evaluation"].to_numpy(),
            "epoch, times the compiled engine's": ratios.reindex(names).to_numpy(),
            "costs deviate by": [deviations.get(name, np.nan) for name in names],
            "why it is not timed": [reasons.get(name, "") for name in names],
        }
    )


def main() -> None:
    """Check, measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="turns of each (default: 7)")
    parser.add_argument(
        "--output", type=Path, default=Path("results/benchmarks/peers.csv"), help="CSV to write"
    )
    arguments = parser.parse_args()

    # JAX has no setting for one thread: it counts the processors that it may use.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    peers, deviations, reasons = checked(KINDS)
    print(f"timing {len(peers)} of {len(KINDS)}", file=sys.stderr)
    times = times_of(peers, KINDS, arguments.rounds)
    table = table_of(times, deviations, reasons, list(KINDS))
    write_text(arguments.output, table.to_csv(index=False, lineterminator="\n"))
    print(f"RK4Net, L = {CELL.depth}, width 16, batch 5, float32, one thread\n")
    formats = ("", ".0f", ".1f", ".1f", ".0e", "")
    print(table.to_markdown(index=False, floatfmt=formats).replace("nan", "   "))
    print(f"\nwritten to {arguments.output}")


if __name__ == "__main__":
    main()
