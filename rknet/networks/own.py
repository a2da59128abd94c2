"""A user's network: any PyTorch module, from a Python file that the config names."""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rknet.cell import AXES, Cell
from rknet.networks.base import NETWORKS, Network, only_keys
from rknet.own import OwnFileError, blaming, files_in, function_of

if TYPE_CHECKING:
    from torch import Tensor, nn

#: How many samples a network is tried with; no other size in the trial is likely to be the same.
_SAMPLES = 7


@NETWORKS.register("module")
class Own(Network):
    """A user's network.

    Its definition is ``{"module": "my_net.py", "options": {…}}``. The file defines ``network``, a
    function or class. It is called as ``network(dimension, classes, **options)`` and returns a
    `torch.nn.Module` that maps (samples, d) to logits (samples, K). If its signature names
    ``width``, ``depth``, ``activation``, ``lift`` or ``step_size``, it also gets the cell's value.
    The module also appears in figures of features if its class has a method ``features``, which
    maps (samples, d) to a list of the features of each layer, each (samples, …).

    Parameters
    ----------
    file : str
        Path of the file, relative to the folder that Python runs in.
    options : mapping, optional
        Further arguments of ``network``.
    """

    def __init__(self, file: str, options: Mapping[str, Any] | None = None) -> None:
        self.file, self.options = file, dict(options or {})

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Own:
        """The network of a file.

        Raises
        ------
        ValueError
            If the path is not that of a Python file, or options are not a mapping or are named like
            axes.
        """
        only_keys(definition, "module", "options")
        file, options = definition["module"], definition.get("options", {})
        if not isinstance(file, str) or not file.endswith(".py") or "\0" in file:
            raise ValueError(f"module: found {file!r}; expected a Python file, such as my_net.py")
        if not isinstance(options, Mapping):
            raise ValueError(f"options: found {options!r}; expected a mapping")
        taken = sorted({"dimension", "classes", *AXES} & set(options))
        if taken:
            raise ValueError(
                f"options: {taken[0]!r} is the dataset's or an axis of experiments; rename yours"
            )
        return cls(file, options)

    def definition(self) -> dict[str, Any]:
        """Plain values that `from_definition` takes."""
        return {"module": self.file, "options": self.options}

    def roots(self) -> tuple[str, ...]:
        """The roots of its fingerprint: this class, the user's file, files that options name."""
        return (*super().roots(), self.file, *files_in(self.options))

    def module(
        self,
        dimension: int,
        width: int,
        depth: int,
        classes: int,
        *,
        activation: str = "tanh",
        lift: str = "random",
        step_size: float = 0.05,
        train_classifier: bool = True,  # noqa: ARG002  # the file decides what is trained
    ) -> nn.Module:
        """The module that the file makes.

        Raises
        ------
        OwnFileError
            If the file does not run or has no ``network``, or if that fails or returns no module.
        """
        from torch import nn

        make = function_of(self.file, "network", "network(dimension, classes, **options)")
        cell = {
            "width": width,
            "depth": depth,
            "activation": activation,
            "lift": lift,
            "step_size": step_size,
        }
        taken = inspect.signature(make).parameters
        wanted = {name: value for name, value in cell.items() if name in taken}
        with blaming(self.file):
            network = make(dimension, classes, **wanted, **self.options)
        if not isinstance(network, nn.Module):
            raise OwnFileError(
                f"{self.file}: network returns {type(network).__name__}; expected a torch.nn.Module"
            )
        return network

    def problems(self, cell: Cell, dimension: int, classes: int) -> Iterator[str]:
        """The problems of the module with a cell, found by sending a few samples through it."""
        import torch

        try:
            with torch.random.fork_rng(devices=[]):
                module = self.module(
                    dimension,
                    cell.width,
                    cell.depth,
                    classes,
                    activation=cell.activation,
                    lift=cell.lift,
                    step_size=cell.step_size,
                )
                for problem in self._misfits(module, torch.randn(_SAMPLES, dimension), classes):
                    yield f"network: {cell.network}: {self.file}: {problem}"
        except OwnFileError as error:
            yield f"network: {cell.network}: {error}"

    def _misfits(self, module: nn.Module, x: Tensor, classes: int) -> Iterator[str]:
        """The problems with the module's output for these samples."""
        from rknet.networks.modules import layer_features

        with blaming(self.file):
            logits, features = module(x), layer_features(module, x)
        trained = any(parameter.requires_grad for parameter in module.parameters())
        if not trained:
            yield "the module has no parameters to train"
        if (found := _shape(logits)) != (_SAMPLES, classes):
            yield (
                f"the module maps {tuple(x.shape)}, samples and dimension, to {found}; expected "
                f"logits {(_SAMPLES, classes)}, samples and classes"
            )
        elif trained and not (logits.is_floating_point() and logits.requires_grad):
            yield (
                "the module's logits have no gradient; expected floating-point numbers that depend "
                "on its parameters, without detach or no_grad"
            )
        if features is None:
            return
        shapes = [_shape(y) for y in features] if isinstance(features, list) else []
        if len(shapes) < 2 or not all(shape[0] == _SAMPLES and shape[1:] for shape in shapes):
            found = reprlib.repr(shapes) if shapes else _shape(features)
            yield (
                f"features maps {tuple(x.shape)}, samples and dimension, to {found}; expected a "
                f"list of two or more tensors, a layer each, of {_SAMPLES} samples"
            )


def _shape(found: object) -> tuple[int, ...] | str:
    """A tensor's shape, or the type of something else."""
    import torch

    return tuple(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
