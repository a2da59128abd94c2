"""The PyTorch engines: the adjoint sweep on any device and dtype, and plain autograd.

`AdjointEngine` is the compiled engine's algorithm in PyTorch. `AutogradEngine` is the loop that
anyone would write first, and the yardstick for both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from rknet.network import ACTIVATIONS, network_of
from rknet.training.problem import Parameters, Problem
from rknet.training.protocol import Metrics

# σ' from f = σ(z), so that no pre-activation is kept.
_DERIVATIVES = {
    "tanh": lambda f: 1 - f * f,
    "logistic": lambda f: f * (1 - f),
    "relu": lambda f: (f > 0).to(f.dtype),
    "softplus": lambda f: -torch.expm1(-f),
}
# PyTorch's defaults.
_ADAM_BETA1, _ADAM_BETA2 = 0.9, 0.999
_ADAM_EPSILON, _ADAGRAD_EPSILON, _ADADELTA_EPSILON = 1e-8, 1e-10, 1e-6
_ADADELTA_RHO = 0.9


def _costs(logits: Tensor, labels: Tensor, loss: str) -> Tensor:
    """Costs of single samples: the cross-entropy of (3.1), or the mean squared error of ℋ(z)."""
    if loss == "cross_entropy":
        return cross_entropy(logits, labels, reduction="none")
    return (logits.softmax(dim=1) - one_hot(labels, logits.shape[1])).square().mean(dim=1)


def _cost_gradient(logits: Tensor, labels: Tensor, loss: str) -> Tensor:
    """Gradient by the logits of the mean cost.

    For the cross-entropy ℋ − c, with c the one-hot labels; for the mean squared error
    ℋ ∘ (d − d·ℋ), with d = 2 (ℋ − c) / K; both divided by the number of samples.
    """
    probabilities = logits.softmax(dim=1)
    error = (probabilities - one_hot(labels, logits.shape[1])) / len(labels)
    if loss == "cross_entropy":
        return error
    d = 2 * error / logits.shape[1]
    return probabilities * (d - (d * probabilities).sum(dim=1, keepdim=True))


class AutogradEngine:
    """The plain PyTorch loop: autograd and `torch.optim`.

    Parameters
    ----------
    problem : Problem
    device : str, optional
        Where it trains, as PyTorch names it.

    Raises
    ------
    ValueError
        If the scheme is implicit.
    """

    def __init__(self, problem: Problem, device: str = "cpu") -> None:
        cell, tableau, start = problem.cell, problem.tableau, problem.start
        shape = (start["lift"].shape[1], cell.width, cell.depth, len(start["mu"]))
        network = network_of(
            tableau,
            *shape,
            step_size=cell.step_size,
            activation=cell.activation,
            train_classifier=cell.classifier == "trained",
        )
        dtype = torch.from_numpy(start["K"]).dtype
        self.network = network.to(device, dtype)
        self.network.load_arrays(start)
        self._cell = cell
        self._splits = [
            (torch.from_numpy(x).to(device, dtype), torch.from_numpy(labels).to(device))
            for x, labels in problem.dataset
        ]
        trained = [p for p in self.network.parameters() if p.requires_grad]
        optimiser = {
            "adam": torch.optim.Adam,
            "sgd": partial(torch.optim.SGD, momentum=cell.momentum),
            "adagrad": torch.optim.Adagrad,
            "adadelta": torch.optim.Adadelta,
        }[cell.optimiser]
        self._optimiser = optimiser(trained, lr=cell.learning_rate)

    def train_epoch(self, order: np.ndarray) -> None:
        """Train on the training split once, in batches cut from `order`."""
        for batch in torch.from_numpy(order).split(self._cell.batch_size):
            self._optimiser.zero_grad()
            self._cost(batch).backward()
            self._optimiser.step()

    @torch.no_grad()
    def evaluate(self) -> Metrics:
        """Cost and accuracy on both splits with the present parameters."""
        values: list[float] = []
        for x, labels in self._splits:
            logits = self.network(x)
            # Costs are summed in double precision, as the compiled engine does.
            cost = _costs(logits, labels, self._cell.loss).double().mean()
            correct = (logits.argmax(dim=1) == labels).double().mean()
            values += [float(cost), 100 * float(correct)]
        return Metrics(*values)

    def parameters(self) -> Parameters:
        """The present parameters, as `initial_parameters` names them."""
        return self.network.arrays()

    def gradients(self, samples: np.ndarray) -> Parameters:
        """Gradients of the mean cost of one batch by autograd, as `CompiledEngine.gradients`."""
        layers, classifier = self.network.layers, self.network.classifier
        names = [*(f"K{i}" for i in range(len(layers))), *(f"b{i}" for i in range(len(layers)))]
        wanted = [*(layer.weight for layer in layers), *(layer.bias for layer in layers)]
        wanted += [p for p in (classifier.weight, classifier.bias) if p.requires_grad]
        found = torch.autograd.grad(self._cost(torch.from_numpy(samples)), wanted)
        arrays = [gradient.cpu().numpy() for gradient in found]
        depth = len(names) // 2
        gradients = {"K": np.stack(arrays[:depth]), "b": np.stack(arrays[depth : 2 * depth])}
        return {**gradients, **dict(zip(("W", "mu"), arrays[2 * depth :], strict=False))}

    def _cost(self, samples: Tensor) -> Tensor:
        x, labels = self._splits[0]
        samples = samples.to(x.device)
        return _costs(self.network(x[samples]), labels[samples], self._cell.loss).mean()


class AdjointEngine(AutogradEngine):
    """The adjoint sweep (3.24)–(3.26) with the optimiser applied layer by layer inside it.

    Takes what `AutogradEngine` takes and gives what it gives, without autograd: one matrix product
    a layer for the gradient over all stages and samples, and no gradient of the whole network.
    """

    def __init__(self, problem: Problem, device: str = "cpu") -> None:
        super().__init__(problem, device)
        cell, tableau = problem.cell, problem.tableau
        self._activation = ACTIVATIONS[cell.activation]
        self._derivative = _DERIVATIVES[cell.activation]
        h = cell.step_size
        self._residual = tableau is not None
        self._A = [[h * float(a) for a in row] for row in tableau.A] if tableau else [[0.0]]
        self._beta = [h * float(b) for b in tableau.beta] if tableau else [1.0]
        self._moments: dict[Tensor, tuple[Tensor, Tensor]] = {}
        self._steps = 0

    @torch.no_grad()
    def train_epoch(self, order: np.ndarray) -> None:
        """Train on the training split once, in batches cut from `order`."""
        for batch in torch.from_numpy(order).split(self._cell.batch_size):
            self._steps += 1
            self._sweep(batch, self._update)

    @torch.no_grad()
    def gradients(self, samples: np.ndarray) -> Parameters:
        """Gradients of the mean cost of one batch by the adjoint, without a training step."""
        found: dict[Tensor, Tensor] = {}
        self._sweep(torch.from_numpy(samples), found.__setitem__)
        layers, classifier = self.network.layers, self.network.classifier
        gradients = {
            "K": torch.stack([found[layer.weight] for layer in layers]),
            "b": torch.stack([found[layer.bias] for layer in layers]),
        }
        if self._cell.classifier == "trained":
            gradients |= {"W": found[classifier.weight], "mu": found[classifier.bias]}
        return {name: gradient.cpu().numpy() for name, gradient in gradients.items()}

    def _sweep(self, samples: Tensor, use: Callable[[Tensor, Tensor], None]) -> None:
        """Sweep a batch forward and back; call `use` with each parameter and its gradient."""
        x, labels = self._splits[0]
        samples = samples.to(x.device)
        y, kept = self.network.lift(x[samples]), []
        for layer in self.network.layers:
            y, stages, slopes = self._layer(layer, y)
            kept.append((stages, slopes))

        classifier = self.network.classifier
        delta = _cost_gradient(classifier(y), labels[samples], self._cell.loss)
        p = delta @ classifier.weight  # (3.11)
        if self._cell.classifier == "trained":
            use(classifier.weight, delta.T @ y)
            use(classifier.bias, delta.sum(dim=0))

        layers = reversed(self.network.layers)
        for layer, (stages, slopes) in zip(layers, reversed(kept), strict=True):
            deltas, p = self._layer_adjoint(layer, p, slopes)
            deltas, stages = deltas.flatten(end_dim=1), stages.flatten(end_dim=1)
            use(layer.weight, deltas.T @ stages)  # (3.19), summed over stages and samples
            use(layer.bias, deltas.sum(dim=0))

    def _layer(self, layer: nn.Module, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """A layer's output, its stages y_i and slopes f_i, (stages, samples, width)."""
        stages = y.new_empty(len(self._beta), *y.shape)
        slopes = torch.empty_like(stages)
        for i, row in enumerate(self._A):
            stages[i] = self._advanced(y, row[:i], slopes)
            slopes[i] = self._activation(layer(stages[i]))
        y = self._advanced(y, self._beta, slopes) if self._residual else slopes[0]
        return y, stages, slopes

    def _layer_adjoint(self, layer: nn.Module, p: Tensor, slopes: Tensor) -> tuple[Tensor, Tensor]:
        """σ'(z_i) ∘ ξ_i of a layer, and the adjoint at its input.

        In ξ_i = h β_i p_i, (3.17) and (3.13), which is (3.24)–(3.26) where no weight is zero.
        """
        derivatives = self._derivative(slopes)
        deltas, pulled = torch.empty_like(slopes), torch.empty_like(slopes)
        for i in reversed(range(len(self._beta))):
            column = [row[i] for row in self._A[i + 1 :]]
            xi = self._advanced(self._beta[i] * p, column, pulled[i + 1 :])
            deltas[i] = derivatives[i] * xi
            pulled[i] = deltas[i] @ layer.weight
        before = pulled.sum(dim=0)
        return deltas, p + before if self._residual else before

    @staticmethod
    def _advanced(y: Tensor, weights: list[float], slopes: Tensor) -> Tensor:
        """y + Σ weights · slopes, leaving zero weights out."""
        for weight, slope in zip(weights, slopes, strict=False):
            if weight != 0:
                y = y + weight * slope
        return y

    def _update(self, parameter: Tensor, gradient: Tensor) -> None:
        """One step of the optimiser on one parameter, as `torch.optim` takes it."""
        if parameter not in self._moments:
            self._moments[parameter] = torch.zeros_like(parameter), torch.zeros_like(parameter)
        first, second = self._moments[parameter]
        rate = self._cell.learning_rate
        match self._cell.optimiser:
            case "adam":
                first.lerp_(gradient, 1 - _ADAM_BETA1)
                second.mul_(_ADAM_BETA2).addcmul_(gradient, gradient, value=1 - _ADAM_BETA2)
                rate /= 1 - _ADAM_BETA1**self._steps
                correction = math.sqrt(1 - _ADAM_BETA2**self._steps)
                root = second.sqrt().div_(correction).add_(_ADAM_EPSILON)
                parameter.addcdiv_(first, root, value=-rate)
            case "sgd":
                first.mul_(self._cell.momentum).add_(gradient)
                parameter.add_(first, alpha=-rate)
            case "adagrad":
                first.addcmul_(gradient, gradient)
                parameter.addcdiv_(gradient, first.sqrt().add_(_ADAGRAD_EPSILON), value=-rate)
            case "adadelta":
                first.lerp_(gradient.square(), 1 - _ADADELTA_RHO)
                root = first.add(_ADADELTA_EPSILON).sqrt_()
                step = second.add(_ADADELTA_EPSILON).sqrt_().div_(root).mul_(gradient)
                second.lerp_(step.square(), 1 - _ADADELTA_RHO)
                parameter.add_(step, alpha=-rate)
