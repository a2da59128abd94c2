"""The networks as PyTorch modules: StandardNet (2.6) and Runge–Kutta nets (2.12).

They are plain modules for any optimiser; the engines in `rknet.engines` are faster ways of
training the same networks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from rknet.tableau import SCHEMES, ButcherTableau

#: The activations of (2.1).
ACTIVATIONS = {
    "tanh": torch.tanh,
    "logistic": torch.sigmoid,
    "relu": torch.relu,
    "softplus": nn.functional.softplus,
}
LIFTS = ("random", "zeros")


class FeatureNet(nn.Module, ABC):
    """A frozen lift, L layers of constant width and an affine classifier.

    Parameters
    ----------
    dimension : int
        Dimension d of the input.
    width : int
        Dimension d̂ ≥ d of the feature space.
    depth : int
        Number of layers L.
    classes : int
        Number of classes K.
    activation : str, optional
        ``tanh``, ``logistic``, ``relu`` or ``softplus`` (2.1).
    lift : str, optional
        ``random``, a frozen linear map, or ``zeros``, padding by zeros (2.3).
    train_classifier : bool, optional
        Whether W and μ are trained, or frozen where they start.

    Attributes
    ----------
    lift : nn.Linear
        (d → d̂), without bias, frozen.
    layers : nn.ModuleList of nn.Linear
        (K, b) of each layer (2.4).
    classifier : nn.Linear
        W and μ.

    Raises
    ------
    ValueError
        If an argument is out of range or a name unknown.

    Notes
    -----
    Every linear map starts as PyTorch's do: uniform on ±1/√fan_in.
    """

    def __init__(
        self,
        dimension: int,
        width: int,
        depth: int,
        classes: int,
        activation: str = "tanh",
        lift: str = "random",
        train_classifier: bool = True,
    ) -> None:
        super().__init__()
        if not 1 <= dimension <= width:
            raise ValueError(
                f"width must be at least the input dimension, {dimension}; found {width}"
            )
        if depth < 1 or classes < 2:
            raise ValueError(
                f"a network has at least 1 layer and 2 classes; found {depth} and {classes}"
            )
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}: {activation!r}")
        if lift not in LIFTS:
            raise ValueError(f"lift must be one of {', '.join(LIFTS)}: {lift!r}")
        self.activation = ACTIVATIONS[activation]
        self.lift = nn.Linear(dimension, width, bias=False)
        if lift == "zeros":
            nn.init.eye_(self.lift.weight)
        self.lift.requires_grad_(False)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.classifier = nn.Linear(width, classes).requires_grad_(train_classifier)

    @abstractmethod
    def step(self, layer: nn.Module, y: Tensor) -> Tensor:
        """The features behind `layer` from those before it, both (samples, d̂)."""

    def features(self, x: Tensor) -> list[Tensor]:
        """Features at every layer, y⁽⁰⁾ to y⁽ᴸ⁾, each (samples, d̂), for inputs (samples, d)."""
        y = [self.lift(x)]
        for layer in self.layers:
            y.append(self.step(layer, y[-1]))
        return y

    def output_features(self, x: Tensor) -> Tensor:
        """Features in the output layer, y⁽ᴸ⁾, (samples, d̂), for inputs (samples, d)."""
        y = self.lift(x)
        for layer in self.layers:
            y = self.step(layer, y)
        return y

    def forward(self, x: Tensor) -> Tensor:
        """Logits W y⁽ᴸ⁾ + μ, (samples, K), for inputs (samples, d)."""
        return self.classifier(self.output_features(x))

    @torch.no_grad()
    def load_arrays(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Take over parameters named as `rknet.engines.base.initial_parameters` does.

        Raises
        ------
        RuntimeError
            If a shape does not fit.
        """
        arrays = {name: torch.from_numpy(array) for name, array in parameters.items()}
        self.lift.weight.copy_(arrays["lift"])
        for layer, K, b in zip(self.layers, arrays["K"], arrays["b"], strict=True):
            layer.weight.copy_(K)
            layer.bias.copy_(b)
        self.classifier.weight.copy_(arrays["W"])
        self.classifier.bias.copy_(arrays["mu"])

    def arrays(self) -> dict[str, np.ndarray]:
        """The parameters as arrays, named as `load_arrays` takes them."""
        tensors = {
            "lift": self.lift.weight,
            "K": torch.stack([layer.weight for layer in self.layers]),
            "b": torch.stack([layer.bias for layer in self.layers]),
            "W": self.classifier.weight,
            "mu": self.classifier.bias,
        }
        return {name: tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()}


class StandardNet(FeatureNet):
    """The plain feed-forward network (2.6): y ← σ(K y + b)."""

    def step(self, layer: nn.Module, y: Tensor) -> Tensor:
        """One layer, (2.6)."""
        return self.activation(layer(y))


class RungeKuttaNet(FeatureNet):
    """The Runge–Kutta net (2.12) of an explicit scheme; one (K, b) a layer for all its stages.

    Parameters
    ----------
    tableau : ButcherTableau
        The scheme.
    *arguments, **options
        As `FeatureNet`.
    step_size : float, optional
        Step size h.

    Raises
    ------
    ValueError
        If the scheme is implicit; else as `FeatureNet`.
    """

    def __init__(
        self, tableau: ButcherTableau, *arguments: int, step_size: float = 0.05, **options: object
    ) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        if not tableau.is_explicit:
            raise ValueError("a Runge–Kutta net takes an explicit tableau; this one is implicit")
        self.tableau, self.step_size = tableau, step_size

    def step(self, layer: nn.Module, y: Tensor) -> Tensor:
        """One layer, (2.12)."""
        slopes: list[Tensor] = []
        for row in self.tableau.A:
            stage = self._advanced(y, row, slopes)
            slopes.append(self.activation(layer(stage)))
        return self._advanced(y, self.tableau.beta, slopes)

    def _advanced(self, y: Tensor, weights: tuple, slopes: list[Tensor]) -> Tensor:
        """y + h Σ weights · slopes, leaving zero weights out."""
        for weight, slope in zip(weights, slopes, strict=False):
            if weight != 0:
                y = y + self.step_size * float(weight) * slope
        return y


class EulerNet(RungeKuttaNet):
    """The Runge–Kutta net of the forward Euler scheme, (2.7)."""

    def __init__(self, *arguments: int, **options: object) -> None:
        super().__init__(SCHEMES["euler"], *arguments, **options)  # type: ignore[arg-type]


class RK4Net(RungeKuttaNet):
    """The Runge–Kutta net of the classic scheme of order four."""

    def __init__(self, *arguments: int, **options: object) -> None:
        super().__init__(SCHEMES["rk4"], *arguments, **options)  # type: ignore[arg-type]


def network_of(
    tableau: ButcherTableau | None, *arguments: int, step_size: float = 0.05, **options: object
) -> FeatureNet:
    """The network of a scheme: `RungeKuttaNet`, or for None `StandardNet`, which has no step size.

    Takes and raises what they do.
    """
    if tableau is None:
        return StandardNet(*arguments, **options)  # type: ignore[arg-type]
    return RungeKuttaNet(tableau, *arguments, step_size=step_size, **options)
