"""The compiled engine: narrow networks on one CPU thread, by the kernels of `kernels`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain

import numpy as np

from rknet.datasets import Split
from rknet.engines.base import Metrics, Parameters, Problem
from rknet.engines.compiled import learns_steps
from rknet.engines.on_numba.kernels import (
    EVALUATION_ROWS,
    EvaluationMemory,
    Layer,
    Shape,
    Sums,
    TrainingMemory,
    kernels,
)
from rknet.engines.on_numba.optimisers import Recorder
from rknet.engines.on_numba.simd import padded, zeros
from rknet.losses.base import LOSSES
from rknet.optimisers.base import OPTIMISERS

#: The arrays that training changes, h only if it is learned; it also changes the number of steps.
_STATE = (
    *("layers", "layers moment 1", "layers moment 2"),
    *("classifier", "classifier moment 1", "classifier moment 2"),
    *("h", "h moment 1", "h moment 2"),
)


class CompiledEngine:
    """Trains a network by the adjoint (3.24)–(3.26), with the optimiser fused into it.

    Parameters
    ----------
    problem : Problem
        As the kind `Compiled` takes it.
    """

    threads = 1

    def __init__(self, problem: Problem) -> None:
        cell, start = problem.cell, problem.start
        dtype, rows, width = start["K"].dtype, cell.batch_size, cell.width
        optimiser, loss = OPTIMISERS[cell.optimiser], LOSSES[cell.loss]
        single = dtype == np.float32
        network = problem.network
        scheme, steps, h = network.tableau, "fixed", cell.step_size
        learned = np.zeros(0, dtype)
        if learns_steps(network):
            scheme, steps, h = network.scheme, network.steps, 1.0
            learned = start.get("h", np.full(cell.depth, cell.step_size, dtype))
        self._shape = Shape(width, rows, cell.activation, single, optimiser, loss, steps)
        self._train, self._evaluate = kernels(self._shape)
        layer = Layer.of(scheme, h, network.residual, dtype)
        self._cell, self._lift = cell, start["lift"]
        # Parameters, first and second moment of the layers, of the classifier and of learned steps.
        self._state = [
            *_with_moments(start["K"], start["b"]),
            *_with_moments(start["W"][None], start["mu"][None]),
            *_and_moments(learned),
        ]
        classes, stages = len(start["mu"]), layer.stages
        memory = TrainingMemory.of(rows, width, cell.depth, stages, classes, dtype)
        sums = (Sums.of(matrix, padded(rows * width)) for matrix in layer)
        self._for_training = cell.depth, stages, *chain(*sums), *memory
        memory = EvaluationMemory.of(width, stages, classes, dtype)
        sums = Sums.of(layer.forward, padded(EVALUATION_ROWS * width))
        self._for_evaluation = cell.depth, stages, *sums, *memory
        # The lift is frozen, so the samples are lifted once.
        self._training, self._validation = (
            Split(np.ascontiguousarray(x.astype(dtype) @ self._lift.T), labels)
            for x, labels in problem.dataset
        )
        self._steps = 0

    def train_epoch(self, order: np.ndarray) -> None:
        """Train on the training split once, in batches cut from `order`."""
        decay = self._cell.weight_decay
        self._steps = self._sweep(self._train, order, self._state, decay)

    def evaluate(self) -> Metrics:
        """Cost and accuracy on both splits with the present parameters."""
        values = []
        layers, classifier, h = (part.ravel() for part in self._state[::3])
        for x, labels in (self._training, self._validation):
            cost, share = self._evaluate(layers, classifier, h, x, labels, *self._for_evaluation)
            values += [cost, 100 * share]
        return Metrics(*values)

    def parameters(self) -> Parameters:
        """The present parameters, as `initial_parameters` names them."""
        return {"lift": self._lift, **self._named(*self._state[::3])}

    def state(self) -> dict[str, np.ndarray]:
        """All that training changes."""
        parts = zip(_STATE, self._state, strict=True)
        return {**{n: part for n, part in parts if part.size}, "steps": np.array(self._steps)}

    def restore(self, name: str, array: np.ndarray) -> None:
        """Put back an array of `state`."""
        if name == "steps":
            self._steps = int(array)
        else:
            self._state[_STATE.index(name)][:] = array

    def gradients(self, samples: np.ndarray) -> Parameters:
        """Gradients of the mean cost of one batch, without a training step.

        Parameters
        ----------
        samples : ndarray, int64
            Indices into the training split, at most a batch of them.

        Returns
        -------
        dict of ndarray
            By the parameters' names, `lift` left out: it is frozen.
        """
        state = [part.copy() for part in self._state]
        recording = kernels(replace(self._shape, optimiser=Recorder))
        self._sweep(recording.train, samples, state)
        return self._named(*state[1::3])

    def _sweep(
        self,
        train: Callable[..., int],
        order: np.ndarray,
        state: list[np.ndarray],
        decay: float = 0.0,
    ) -> int:
        """Go through `order` batch by batch; return the number of steps ever taken."""
        return train(
            *(part.ravel() for part in state),
            self._cell.depth * self._cell.step_size,
            *self._training,
            order,
            self._steps,
            self._cell.learning_rate,
            self._cell.momentum,
            decay,
            self._cell.classifier == "trained",
            *self._for_training,
        )

    def _named(self, layers: np.ndarray, classifier: np.ndarray, h: np.ndarray) -> Parameters:
        """Layers and classifier, or a moment of them, as matrices and biases; h if learned."""

        def unpacked(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            blocks = rows.reshape(len(rows), self._cell.width + 1, -1)
            return np.ascontiguousarray(blocks[:, :-1].transpose(0, 2, 1)), blocks[:, -1].copy()

        (K, b), (W, mu) = unpacked(layers), unpacked(classifier)
        named = {"K": K, "b": b, "W": W[0], "mu": mu[0]}
        return {**named, "h": h.copy()} if h.size else named


def _with_moments(matrices: np.ndarray, biases: np.ndarray) -> tuple[np.ndarray, ...]:
    """The kernels' rows for n affine maps, (n, (columns + 1) rows), and their moments, zero."""
    blocks = np.concatenate([matrices.transpose(0, 2, 1), biases[:, None]], axis=1)
    return _and_moments(blocks.reshape(len(blocks), -1))


def _and_moments(parameters: np.ndarray) -> tuple[np.ndarray, ...]:
    """A copy of an array, and two of zeros."""
    arrays = tuple(zeros(parameters.shape, parameters.dtype) for _ in range(3))
    arrays[0][:] = parameters
    return arrays
