"""The plain PyTorch loop, for any module.

It is the loop that anyone would write first. The other engines are tested against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rknet.engines.base import Metrics, Parameters, Problem
from rknet.engines.on_torch.loop import TorchEngine
from rknet.networks.modules import arrays
from rknet.networks.modules.general import GeneralNet
from rknet.seeds import stream


class AutogradEngine(TorchEngine):
    """Autograd and `torch.optim`.

    If the module's class has a method ``constrain``, it is called after every training step.

    Parameters
    ----------
    problem : Problem
        Of any network.
    device : str or torch.device, optional
        Where it trains.

    Attributes
    ----------
    network : torch.nn.Module
    """

    def __init__(self, problem: Problem, device: str | torch.device = "cpu") -> None:
        module = _module(problem)
        dtype = next((p.dtype for p in module.parameters()), torch.float32)
        super().__init__(problem, device, dtype)
        self.network: Any = module.to(device)  # what it has depends on its class
        self._seed, self._epochs = problem.seed, 0
        trained = [p for p in module.parameters() if p.requires_grad]
        self._stepper = self._optimiser.torch_optimiser(trained)

    def train_epoch(self, order: np.ndarray) -> None:
        """Train on the training split once, in batches cut from `order`."""
        self._epochs += 1
        self.network.train()
        # What a module draws while it trains, for dropout, is the same if training goes on later.
        with _seeded(self._device, "module", seed=self._seed, epoch=self._epochs):
            super().train_epoch(order)

    def evaluate(self) -> Metrics:
        """Cost and accuracy on both splits with the present parameters."""
        self.network.eval()
        return super().evaluate()

    def parameters(self) -> Parameters:
        """The present parameters, as `initial_parameters` names them, or as the module does."""
        return arrays(self.network)

    def state(self) -> dict[str, np.ndarray]:
        """All that training changes."""
        module = self.network.state_dict()
        parts = {f"module {name}": tensor for name, tensor in module.items()}
        for name, parameter in self.network.named_parameters():
            for part, tensor in self._stepper.state.get(parameter, {}).items():
                if tensor is not None:
                    parts[f"{part} {name}"] = tensor
        kept = {name: tensor.detach().cpu().numpy() for name, tensor in parts.items()}
        return {**kept, "epochs": np.array(self._epochs)}

    @torch.no_grad()
    def restore(self, name: str, array: np.ndarray) -> None:
        """Put back an array of `state`."""
        part, _, name = name.partition(" ")
        tensor = torch.from_numpy(array)
        if part == "epochs":
            self._epochs = int(array)
        elif part == "module":
            self.network.state_dict()[name].copy_(tensor)
        else:
            # PyTorch keeps its step counts on the CPU.
            device = "cpu" if part == "step" else self._device
            self._stepper.state[self.network.get_parameter(name)][part] = tensor.to(device)

    def gradients(self, samples: np.ndarray) -> Parameters:
        """Gradients of the mean cost of one batch by autograd, as `CompiledEngine.gradients`."""
        if isinstance(self.network, GeneralNet):
            trained = {name: p for name, p in self.network.trained().items() if p.requires_grad}
            found = torch.autograd.grad(self._cost(torch.from_numpy(samples)), [*trained.values()])
            return {name: by.cpu().numpy() for name, by in zip(trained, found, strict=True)}
        layers, classifier = self.network.layers, self.network.classifier
        names = [*(f"K{i}" for i in range(len(layers))), *(f"b{i}" for i in range(len(layers)))]
        wanted = [*(layer.weight for layer in layers), *(layer.bias for layer in layers)]
        wanted += [p for p in (classifier.weight, classifier.bias) if p.requires_grad]
        found = torch.autograd.grad(self._cost(torch.from_numpy(samples)), wanted)
        arrays = [gradient.cpu().numpy() for gradient in found]
        depth = len(names) // 2
        gradients = {"K": np.stack(arrays[:depth]), "b": np.stack(arrays[depth : 2 * depth])}
        return {**gradients, **dict(zip(("W", "mu"), arrays[2 * depth :], strict=False))}

    def _train(self, samples: Tensor) -> None:
        self._stepper.zero_grad()
        self._cost(samples).backward()  # type: ignore[no-untyped-call]  # PyTorch's
        self._stepper.step()
        if hasattr(type(self.network), "constrain"):
            self.network.constrain()

    def _logits(self, x: Tensor) -> Tensor:
        return self.network(x)  # type: ignore[no-any-return]  # `Own` tries that it is a tensor

    def _cost(self, samples: Tensor) -> Tensor:
        x, labels = self._splits[0]
        samples = samples.to(x.device)
        return self._loss.torch_costs(self.network(x[samples]), labels[samples]).mean()


def _module(problem: Problem) -> nn.Module:
    """The problem's network as it starts."""
    cell, x = problem.cell, problem.dataset.training.x
    with _seeded(torch.device("cpu"), "initialisation", parameter="module", seed=problem.seed):
        module = problem.network.module(
            x.shape[1],
            cell.width,
            cell.depth,
            problem.classes,
            activation=cell.activation,
            lift=cell.lift,
            step_size=cell.step_size,
            train_classifier=cell.classifier == "trained",
        )
    if problem.start:
        module.to(torch.from_numpy(problem.start["mu"]).dtype).load_arrays(problem.start)  # type: ignore[operator]  # a network of the library
    return module


@contextmanager
def _seeded(device: torch.device, use: str, **axes: int | str) -> Iterator[None]:
    """Let PyTorch draw from the stream of a use inside, as `rknet.seeds.stream` derives it."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(int(stream(use, **axes).integers(2**63)))
        yield
