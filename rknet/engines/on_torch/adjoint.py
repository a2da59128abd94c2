"""The adjoint sweep in PyTorch, on any device and dtype.

It is the compiled engine's algorithm, for wide networks. These spend their time on reading and
writing parameters.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from rknet.engines.base import Parameters, Problem
from rknet.engines.on_numba.optimisers import Recorder
from rknet.engines.on_torch.affine import Maps
from rknet.engines.on_torch.layers import LibrarySweeps, Memory, Scheme, send
from rknet.engines.on_torch.loop import TorchEngine
from rknet.engines.on_torch.team import Team
from rknet.engines.on_torch.wide import WideSweeps, has_kernels, most_threads
from rknet.optimisers.base import Optimiser

Sweeps = WideSweeps | LibrarySweeps
#: Numbers a feature array has in an evaluation: enough for a large product, few enough for a cache.
_EVALUATED_FEATURES = 2**19


class AdjointEngine(TorchEngine):
    """The adjoint sweep (3.24)–(3.26) with the optimiser applied layer by layer inside it.

    Gives what `AutogradEngine` gives, without autograd.

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
        cell, start = problem.cell, problem.start
        super().__init__(problem, device, torch.from_numpy(start["mu"]).dtype)
        self._lift = start["lift"]
        lift = torch.from_numpy(self._lift).to(device)
        # The lift is frozen, so the samples are lifted once.
        self._splits = [(x @ lift.T, labels) for x, labels in self._splits]
        self._scheme = Scheme.of(problem.network, cell)
        self._trains_classifier = cell.classifier == "trained"
        # A job's threads are counted by PyTorch.
        self._team = Team(min(self.threads, most_threads(cell.width)))
        self._parameters = {
            name: (torch.from_numpy if in_place else torch.tensor)(start[name]).to(device)
            for name in ("K", "b", "W", "mu")
        }
        self._maps = self._maps_for(self._optimiser)
        # Layer by layer: whoever restores an array has room for it and no more.
        self._changing = {"steps": self._maps.steps} | {
            f"{name} {kind} {row}": part
            for kind, tensors in enumerate((self._parameters, *self._maps.moments))
            for name, tensor in tensors.items()
            for row, part in enumerate(tensor)
        }
        self._prepared: dict[int, tuple[Memory, Sweeps]] = {}

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

    def train_epoch(self, order: np.ndarray) -> None:
        """Train on the training split once, in batches cut from `order`."""
        try:
            super().train_epoch(order)
        finally:
            self._team.rest()

    @torch.no_grad()
    def gradients(self, samples: np.ndarray) -> Parameters:
        """Gradients of the mean cost of one batch by the adjoint, without a training step."""
        maps = self._maps_for(Recorder(0.0))
        batch = torch.from_numpy(samples).to(self._device)
        try:
            self._sweep(batch, maps, *self._prepare(len(samples), maps))
        finally:
            self._team.rest()
        names = ("K", "b", "W", "mu") if self._trains_classifier else ("K", "b")
        return {name: maps.moments[0][name].cpu().numpy() for name in names}

    @torch.no_grad()
    def _train(self, samples: Tensor) -> None:
        count = len(samples)
        if count not in self._prepared:
            self._prepared[count] = self._prepare(count, self._maps)
        self._sweep(samples, self._maps, *self._prepared[count])

    def _logits(self, x: Tensor) -> Tensor:
        rows = max(1, _EVALUATED_FEATURES // self._cell.width)
        logits = x.new_empty(len(x), len(self._parameters["mu"]))
        for part, out in zip(x.split(rows), logits.split(rows), strict=True):  # type: ignore[no-untyped-call]  # PyTorch's
            y = part.clone()
            # Nothing is kept: every layer has the same stages, and its output replaces its input.
            later, slopes = torch.empty_like(y), list(y.new_empty(len(self._scheme.beta), *y.shape))
            stages = [y, *(later for _ in slopes[1:])]
            for layer in self._maps.layers:
                send(self._maps.library, self._scheme, layer, stages, slopes, y)
            self._maps.library.apply(self._maps.classifier, y, out)
        return logits

    def _sweep(self, samples: Tensor, maps: Maps, memory: Memory, sweeps: Sweeps) -> None:
        """Sweep a batch forward and back, and train on the way."""
        x, labels = self._splits[0]
        memory.input.copy_(x[samples])
        sweeps.forward()
        maps.library.apply(maps.classifier, memory.output, memory.logits)
        delta = self._loss.torch_gradient(memory.logits, labels[samples])
        maps.library.pull_back(maps.classifier, delta, memory.p)  # (3.11)
        if self._trains_classifier:
            maps.library.train(maps.classifier, delta, memory.output)
        sweeps.backward()

    def _prepare(self, samples: int, maps: Maps) -> tuple[Memory, Sweeps]:
        """The memory for batches of so many samples, and what sweeps through it."""
        shape = self._cell.depth, len(self._scheme.beta), samples, self._cell.width
        memory = Memory.of(shape, like=self._parameters["W"])
        if has_kernels(self._device, samples, self._cell.width):
            return memory, WideSweeps(self._scheme, maps, self._team, memory)
        return memory, LibrarySweeps(self._scheme, maps, memory)

    def _maps_for(self, optimiser: Optimiser) -> Maps:
        """All affine maps, and an optimiser's moments of them, which are zero."""
        moments = [
            {name: torch.zeros_like(parameter) for name, parameter in self._parameters.items()}
            for _ in range(optimiser.moments)
        ]
        return Maps(self._parameters, moments, optimiser)
