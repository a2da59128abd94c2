"""The networks as PyTorch modules: StandardNet (2.6) and Runge–Kutta nets (2.12).

They are plain modules for any optimiser; the engines in `rknet.engines` train the same networks
faster. The kinds of networks are the modules of the package around this one. This is a separate
package, so that asking for the kinds does not load PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from rknet.networks.base import LIFTS, Network
from rknet.networks.runge_kutta import RungeKutta
from rknet.networks.standard import Standard
from rknet.tableau import SCHEMES, ButcherTableau

#: The activations of (2.1).
ACTIVATIONS = {
    "tanh": torch.tanh,
    "logistic": torch.sigmoid,
    "relu": torch.relu,
    "softplus": nn.functional.softplus,
}


class FeatureNet(nn.Module):
    """A frozen lift, L layers of constant width and an affine classifier.

    Parameters
    ----------
    network : Network
        Defines the step from layer to layer.
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
    step_size : float, optional
        Step size h; StandardNet has none.
    train_classifier : bool, optional
        Whether W and μ are trained; otherwise they keep their initial values.

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
        If an argument is out of range, a name unknown or the scheme implicit.

    Notes
    -----
    The initial values of every linear map are PyTorch's: uniform on ±1/√fan_in.
    """

    def __init__(
        self,
        network: Network,
        dimension: int,
        width: int,
        depth: int,
        classes: int,
        activation: str = "tanh",
        lift: str = "random",
        train_classifier: bool = True,
        step_size: float = 0.05,
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
        if network.tableau is not None and not network.tableau.is_explicit:
            raise ValueError("a Runge–Kutta net takes an explicit tableau; this one is implicit")
        self.network, self.step_size = network, step_size
        self.activation = ACTIVATIONS[activation]
        self.lift = nn.Linear(dimension, width, bias=False)
        if lift == "zeros":
            nn.init.eye_(self.lift.weight)
        self.lift.requires_grad_(False)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.classifier = nn.Linear(width, classes).requires_grad_(train_classifier)

    def step(self, layer: nn.Module, y: Tensor) -> Tensor:
        """The features after `layer`, from those before it, both (samples, d̂)."""
        return self.network.step(lambda y: self.activation(layer(y)), y, self.step_size)

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
        return y  # type: ignore[no-any-return]  # PyTorch's modules are called untyped

    def forward(self, x: Tensor) -> Tensor:
        """Logits W y⁽ᴸ⁾ + μ, (samples, K), for inputs (samples, d)."""
        return self.classifier(self.output_features(x))  # type: ignore[no-any-return]  # PyTorch's modules are called untyped

    @torch.no_grad()
    def load_arrays(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Set the parameters, named as `rknet.engines.base.initial_parameters` names them.

        Raises
        ------
        RuntimeError
            If a shape does not fit.
        """
        arrays = {name: torch.from_numpy(array) for name, array in parameters.items()}
        self.lift.weight.copy_(arrays["lift"])
        for layer, K, b in zip(self.layers, arrays["K"], arrays["b"], strict=True):
            layer.weight.copy_(K)  # type: ignore[operator]  # a linear layer
            layer.bias.copy_(b)  # type: ignore[operator]
        self.classifier.weight.copy_(arrays["W"])
        self.classifier.bias.copy_(arrays["mu"])

    def arrays(self) -> dict[str, np.ndarray]:
        """The parameters as arrays, named as `load_arrays` takes them."""
        tensors = {
            "lift": self.lift.weight,
            "K": torch.stack([layer.weight for layer in self.layers]),  # type: ignore[misc]  # linear layers
            "b": torch.stack([layer.bias for layer in self.layers]),  # type: ignore[misc]
            "W": self.classifier.weight,
            "mu": self.classifier.bias,
        }
        return {name: tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()}


class StandardNet(FeatureNet):
    """The plain feed-forward network (2.6): y ← σ(K y + b).

    Parameters
    ----------
    *shape, **options
        As `FeatureNet`, from `dimension` on.
    """

    def __init__(self, *shape: int, **options: object) -> None:
        super().__init__(Standard(), *shape, **options)  # type: ignore[arg-type]


class RungeKuttaNet(FeatureNet):
    """The Runge–Kutta net (2.12) of an explicit scheme; all stages of a layer share one (K, b).

    Parameters
    ----------
    tableau : ButcherTableau
        The scheme.
    *shape, **options
        As `FeatureNet`, from `dimension` on.

    Raises
    ------
    ValueError
        If the scheme is implicit; else as `FeatureNet`.
    """

    def __init__(self, tableau: ButcherTableau, *shape: int, **options: object) -> None:
        super().__init__(RungeKutta(tableau), *shape, **options)  # type: ignore[arg-type]
        self.tableau = tableau


class EulerNet(RungeKuttaNet):
    """The Runge–Kutta net of the forward Euler scheme, (2.7)."""

    def __init__(self, *shape: int, **options: object) -> None:
        super().__init__(SCHEMES["euler"], *shape, **options)


class RK4Net(RungeKuttaNet):
    """The Runge–Kutta net of the classic scheme of order four."""

    def __init__(self, *shape: int, **options: object) -> None:
        super().__init__(SCHEMES["rk4"], *shape, **options)


def layer_features(network: nn.Module, x: Tensor) -> list[Tensor] | None:
    """Features of inputs (samples, d) at every layer; None if the network does not return them.

    It does if its class has a method ``features``. A submodule of that name, which image networks
    often have, does not count.
    """
    return network.features(x) if hasattr(type(network), "features") else None  # type: ignore[operator]  # a method


def arrays(network: nn.Module) -> dict[str, np.ndarray]:
    """All arrays of a network that training changes, by name."""
    if isinstance(network, FeatureNet):
        return network.arrays()
    return {
        name: tensor.detach().cpu().numpy().copy() for name, tensor in network.state_dict().items()
    }


def load_arrays(network: nn.Module, found: Mapping[str, np.ndarray]) -> None:
    """Restore the arrays that `arrays` returned.

    Raises
    ------
    KeyError, RuntimeError
        If an array is missing, or a shape does not fit.
    """
    if isinstance(network, FeatureNet):
        network.load_arrays(found)
    else:
        network.load_state_dict({name: torch.from_numpy(array) for name, array in found.items()})
