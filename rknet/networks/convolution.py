"""The convolutional Runge–Kutta nets (end of Section 4.5): layers that know what lies side by side.

f(u, y) = σ(K ∗ y + b) keeps the number of channels and the size of the maps, so that any explicit
scheme (2.12) can add to its input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rknet.cell import Cell
from rknet.networks.base import NETWORKS, Network, Y, only_keys
from rknet.networks.runge_kutta import RungeKutta
from rknet.tableau import ButcherTableau

if TYPE_CHECKING:
    from torch import nn

_KEYS = ("tableau", "kernel", "shape", "channels", "border", "pooled")


@NETWORKS.register("convolution")
class Convolution(Network):
    """The Runge–Kutta net of an explicit scheme whose layers are convolutions.

    Its definition is ``{"convolution": {"tableau": …, "kernel": 3, "shape": [1, 8, 8], "channels":
    4, "border": 0, "pooled": false}}``; only the tableau must be there.

    Parameters
    ----------
    scheme : ButcherTableau
    kernel : int, optional
        Side of K; odd, so that maps padded by zeros keep their size.
    shape : sequence of int, optional
        Channels, rows and columns of a sample, or channels and times; by default a square image of
        one channel.
    channels, border : int, optional
        The two augmentations of Section 4.5: channels of zeros added (Dupont et al.), and zeros
        added on each side of every row and column.
    pooled : bool, optional
        Whether the classifier takes the mean of each channel, instead of all features.

    Raises
    ------
    ValueError
        If an argument makes no sense; the message begins with its key.
    """

    residual = True

    def __init__(
        self,
        scheme: ButcherTableau,
        kernel: int = 3,
        shape: Sequence[int] | None = None,
        channels: int = 0,
        border: int = 0,
        pooled: bool = False,
    ) -> None:
        if not scheme.is_explicit:
            raise ValueError("tableau: it is implicit; expected an explicit one")
        if not _is_whole(kernel) or kernel < 1 or kernel % 2 == 0:
            raise ValueError(f"kernel: found {kernel!r}; expected an odd whole number, such as 3")
        for key, value in (("channels", channels), ("border", border)):
            if not _is_whole(value) or value < 0:
                raise ValueError(f"{key}: found {value!r}; expected a whole number of at least 0")
        if shape is not None and not _is_shape(shape):
            raise ValueError(
                f"shape: found {shape!r}; expected [channels, rows, columns] or [channels, times], "
                "whole numbers of at least 1"
            )
        if not isinstance(pooled, bool):
            raise ValueError(f"pooled: found {pooled!r}; expected true or false")
        self.scheme, self.kernel, self.pooled = scheme, kernel, pooled
        self.shape = None if shape is None else tuple(shape)
        self.channels, self.border = channels, border
        self._rk = RungeKutta(scheme)
        if self.shape:
            self.maps(math.prod(self.shape))

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Convolution:
        """The network of a definition, with the coefficients of its scheme.

        Raises
        ------
        ValueError
            If a key is unknown or missing, or its value makes no sense.
        """
        only_keys(definition, "convolution")
        written = definition["convolution"]
        if not isinstance(written, Mapping):
            raise ValueError(
                f"convolution: found {written!r}; expected a mapping, such as {{tableau: rk4}}"
            )
        try:
            only_keys(written, *_KEYS)
            if "tableau" not in written:
                raise ValueError("tableau: found none; expected a scheme, such as rk4")
            options = dict(written)
            scheme = RungeKutta.from_definition({"tableau": options.pop("tableau")}).tableau
            return cls(scheme, **options)
        except ValueError as error:
            raise ValueError(f"convolution: {error}") from None

    def definition(self) -> dict[str, Any]:
        """Plain values that `from_definition` takes."""
        return {
            "convolution": {
                "tableau": self.scheme.to_mapping(),
                "kernel": self.kernel,
                "shape": self.shape and list(self.shape),
                "channels": self.channels,
                "border": self.border,
                "pooled": self.pooled,
            }
        }

    def step(self, f: Callable[[Y], Y], y: Y, h: float) -> Y:
        """One layer, (2.12)."""
        return self._rk.step(f, y, h)

    def input_shape(self, dimension: int) -> tuple[int, ...]:
        """The shape of a sample of d numbers: channels, then rows and columns, or times.

        Raises
        ------
        ValueError
            If d numbers do not have it.
        """
        side = math.isqrt(dimension)
        if self.shape is None and side**2 != dimension:
            raise ValueError(
                f"shape: found none, and {dimension} dimensions are no square image; expected "
                "[channels, rows, columns] or [channels, times]"
            )
        shape = self.shape or (1, side, side)
        if math.prod(shape) != dimension:
            raise ValueError(
                f"shape: found {list(shape)}, {math.prod(shape)} numbers; expected the dataset's "
                f"{dimension}"
            )
        return shape

    def maps(self, dimension: int) -> tuple[int, ...]:
        """The shape of the feature maps, which is that of a sample after augmentation.

        Raises
        ------
        ValueError
            If d numbers do not have the sample's shape, or the other keys do not fit it.
        """
        channels, *size = self.input_shape(dimension)
        if self.border > min(size):
            raise ValueError(
                f"border: found {self.border}; expected at most {min(size)}, the smallest side of "
                "a sample"
            )
        maps = (channels + self.channels, *(side + 2 * self.border for side in size))
        if self.kernel > min(maps[1:]):
            raise ValueError(
                f"kernel: found {self.kernel}; expected at most {min(maps[1:])}, the smallest side "
                "of the maps"
            )
        if self.pooled and maps[0] < 2:
            raise ValueError(
                "pooled: found true, which leaves one number for a map of one channel; expected "
                "channels of at least 1, or false"
            )
        return maps

    def module(
        self,
        dimension: int,
        width: int,
        depth: int,
        classes: int,
        *,
        activation: str = "tanh",
        lift: str = "zeros",
        step_size: float = 0.05,
        train_classifier: bool = True,
    ) -> nn.Module:
        """The network as a PyTorch module that maps (samples, d) to logits (samples, K).

        Raises
        ------
        ValueError
            If the width is not the number of features, the lift not padding by zeros, or an
            argument out of range.
        """
        from rknet.networks.modules.convolution import ConvolutionNet

        for problem in self._misfits(dimension, width, lift):
            raise ValueError(problem)
        return ConvolutionNet(
            self,
            dimension,
            depth,
            classes,
            activation=activation,
            step_size=step_size,
            train_classifier=train_classifier,
        )

    def problems(self, cell: Cell, dimension: int, classes: int) -> Iterator[str]:  # noqa: ARG002
        """The problems with a cell on a dataset: its shape, its width and its lift."""
        try:
            yield from self._misfits(dimension, cell.width, cell.lift)
        except ValueError as error:
            yield f"network: {cell.network}: {error}; {cell.dataset} has {dimension} dimensions"

    def _misfits(self, dimension: int, width: int, lift: str) -> Iterator[str]:
        maps = self.maps(dimension)
        if width != math.prod(maps):
            yield (
                f"width: found {width}; expected {math.prod(maps)}, the features in maps of "
                f"{' × '.join(map(str, maps))}"
            )
        if lift != "zeros":
            yield f"lift: found {lift}; expected zeros: a convolution's maps are padded by zeros"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_shape(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) in (2, 3)
        and all(_is_whole(side) and side >= 1 for side in value)
    )
