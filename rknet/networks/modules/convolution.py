"""The convolutional Runge–Kutta nets (end of Section 4.5) as PyTorch modules."""

from __future__ import annotations

import math

from torch import Tensor, nn

from rknet.networks.convolution import Convolution
from rknet.networks.modules import ACTIVATIONS


class ConvolutionNet(nn.Module):
    """Padding by zeros, L convolutional layers on maps of constant size and an affine classifier.

    Parameters
    ----------
    network : Convolution
        Defines the maps, the kernel and the step from layer to layer.
    dimension : int
        Dimension d of the input.
    depth : int
        Number of layers L.
    classes : int
        Number of classes K.
    activation : str, optional
        ``tanh``, ``logistic``, ``relu`` or ``softplus`` (2.1).
    step_size : float, optional
        Step size h.
    train_classifier : bool, optional
        Whether W and μ are trained; otherwise they keep their initial values.

    Attributes
    ----------
    layers : nn.ModuleList of nn.Conv1d or nn.Conv2d
        (K, b) of each layer.
    classifier : nn.Linear
        W and μ.

    Raises
    ------
    ValueError
        If an argument is out of range, or the network does not fit the dimension.

    Notes
    -----
    The initial values are PyTorch's: uniform on ±1/√fan_in.
    """

    def __init__(
        self,
        network: Convolution,
        dimension: int,
        depth: int,
        classes: int,
        activation: str = "tanh",
        step_size: float = 0.05,
        train_classifier: bool = True,
    ) -> None:
        super().__init__()
        if depth < 1 or classes < 2:
            raise ValueError(
                f"a network has at least 1 layer and 2 classes; found {depth} and {classes}"
            )
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}: {activation!r}")
        self.network, self.step_size = network, step_size
        self.activation = ACTIVATIONS[activation]
        self._shape = network.input_shape(dimension)
        channels, *size = maps = network.maps(dimension)
        convolution = nn.Conv1d if len(size) == 1 else nn.Conv2d
        self.layers = nn.ModuleList(
            convolution(channels, channels, network.kernel, padding=network.kernel // 2)
            for _ in range(depth)
        )
        features = channels if network.pooled else math.prod(maps)
        self.classifier = nn.Linear(features, classes).requires_grad_(train_classifier)

    def augmented(self, x: Tensor) -> Tensor:
        """The maps y⁽⁰⁾, (samples, channels, …), for inputs (samples, d): padded by zeros (2.3)."""
        border = [self.network.border] * 2 * (len(self._shape) - 1)
        padding = [*border, 0, self.network.channels]
        return nn.functional.pad(x.reshape(-1, *self._shape), padding)

    def features(self, x: Tensor) -> list[Tensor]:
        """Maps at every layer, each (samples, channels, …), for inputs (samples, d)."""
        y = [self.augmented(x)]
        for layer in self.layers:
            y.append(self.step(layer, y[-1]))
        return y

    def step(self, layer: nn.Module, y: Tensor) -> Tensor:
        """The maps after `layer`, from those before it, both (samples, channels, …)."""
        return self.network.step(lambda y: self.activation(layer(y)), y, self.step_size)

    def forward(self, x: Tensor) -> Tensor:
        """Logits, (samples, K), for inputs (samples, d)."""
        y = self.augmented(x)
        for layer in self.layers:
            y = self.step(layer, y)
        y = y.flatten(2).mean(dim=2) if self.network.pooled else y.flatten(1)
        return self.classifier(y)  # type: ignore[no-any-return]  # PyTorch's modules are called untyped
