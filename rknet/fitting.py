"""Train any module in one call: the paper's networks by the fastest engine, others by autograd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from rknet.cell import Cell
from rknet.datasets import Dataset
from rknet.engines.base import ENGINES, Metrics, Problem, preferred
from rknet.loop import History, train
from rknet.networks.base import Network
from rknet.optimisers.base import OPTIMISERS

if TYPE_CHECKING:
    from torch import nn

    from rknet.networks.modules import FeatureNet


def fit(
    module: nn.Module,
    dataset: Dataset,
    *,
    epochs: int = 40,
    batch_size: int = 5,
    loss: str = "cross_entropy",
    optimiser: str = "adam",
    learning_rate: float | None = None,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    tolerance: float = 0.05,
    seed: int = 0,
    engine: str | None = None,
    device: str = "cpu",
    report: Callable[[int, Metrics], None] | None = None,
) -> History:
    """Train a module in place, starting from its present parameters.

    Parameters
    ----------
    module : torch.nn.Module
        Maps (samples, d) to logits (samples, K).
    dataset : Dataset
        As `rknet.draw` gives it.
    epochs, batch_size, loss, optimiser, learning_rate, momentum, weight_decay, tolerance
        As in `rknet.cell.Cell`, with the paper's defaults.
    seed : int, optional
        Decides the order of samples, and the random numbers that a module draws while it trains.
    engine : str, optional
        ``compiled``, ``torch`` or ``autograd``; by default the first of these that can train the
        module.
    device : str, optional
        ``cpu``, ``cuda``, ``cuda:1`` or ``auto``. The module itself stays where it is.
    report : callable, optional
        Called with the epoch and its metrics before training and after every epoch.

    Returns
    -------
    History
        Metrics by epoch and how training ended, which may be early.

    Raises
    ------
    TypeError
        If the module is no PyTorch module, or the dataset none of `rknet.datasets`.
    ValueError
        If the dataset does not fit the module, a name is unknown or the engine cannot train it.
    RuntimeError
        If the device is missing or too full.
    """
    _check_kinds(module, dataset)
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"found {epochs} epochs in batches of {batch_size}; expected 1 or more")
    if momentum and not OPTIMISERS[optimiser].has_momentum:
        raise ValueError(f"momentum: found {momentum}; {optimiser} has none")
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise ValueError(f"{type(module).__qualname__} has no parameters to train")
    settings: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "loss": loss}
    settings |= {"optimiser": optimiser, "learning_rate": learning_rate, "momentum": momentum}
    settings |= {"weight_decay": weight_decay, "tolerance": tolerance}
    own = _own(module)
    if own is None:
        _check(dataset, dataset.training.x.shape[-1], _logits(module, dataset))
        cell = Cell("", type(module).__qualname__, 0, 0, **settings)
        problem = Problem(cell, Given(module), {}, dataset, seed)
    else:
        _check(dataset, own.lift.in_features, own.classifier.out_features)
        problem = Problem(_cell_of(own, settings), own.network, own.arrays(), dataset, seed)
    if engine is None:
        # For ``auto``, narrow networks are faster without a GPU.
        on_gpu = device not in ("cpu", "auto")
        engine = preferred(problem.network, problem.cell, on_gpu)
    problem = replace(problem, cell=replace(problem.cell, engine=engine))
    training, place = module.training, next(module.parameters()).device
    trainer = ENGINES[engine].engine(problem, device)
    try:
        return train(trainer, problem, report)
    finally:
        if own is None:
            module.train(training).to(place)
        else:
            own.load_arrays(trainer.parameters())


class Given(Network):
    """A module that already exists, as a network.

    Parameters
    ----------
    module : torch.nn.Module
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Network:
        """Refuse: only the module's owner can make it."""
        raise NotImplementedError("a module that is given has no definition")

    def definition(self) -> dict[str, Any]:
        """The name of its class; the module cannot be made from it."""
        return {"module": type(self._module).__qualname__}

    def module(self, *_: Any, **__: Any) -> nn.Module:
        """The module itself."""
        return self._module


def _own(module: nn.Module) -> FeatureNet | None:
    """The module as a network of the library, for every engine; None if it is something else."""
    import torch

    from rknet.networks.modules import EulerNet, FeatureNet, RK4Net, RungeKuttaNet, StandardNet

    if type(module) not in (FeatureNet, StandardNet, RungeKuttaNet, EulerNet, RK4Net):
        return None
    own = cast(FeatureNet, module)
    trained = [own.classifier.weight.requires_grad, own.classifier.bias.requires_grad]
    usual = (
        own.network.swept
        and not own.lift.weight.requires_grad
        and all(parameter.requires_grad for parameter in own.layers.parameters())
        and len(set(trained)) == 1
        and len({(p.dtype, p.device.type) for p in own.parameters()}) == 1
        and own.lift.weight.dtype in (torch.float32, torch.float64)
    )
    return own if usual else None


def _cell_of(module: FeatureNet, settings: dict[str, Any]) -> Cell:
    """The cell of one of the library's networks."""
    from rknet.networks.modules import ACTIVATIONS

    names = {function: name for name, function in ACTIVATIONS.items()}
    trained = module.classifier.weight.requires_grad
    return Cell(
        "",
        type(module).__qualname__,
        module.classifier.in_features,
        len(module.layers),
        activation=names[module.activation],
        step_size=module.step_size,
        classifier="trained" if trained else "fixed",
        **settings,
    )


def _check_kinds(module: object, dataset: object) -> None:
    from torch import nn

    if not isinstance(module, nn.Module):
        raise TypeError(f"module: found {type(module).__name__}; expected a torch.nn.Module")
    if not isinstance(dataset, Dataset):
        raise TypeError(f"dataset: found {type(dataset).__name__}; expected a dataset of rknet")


def _logits(module: nn.Module, dataset: Dataset) -> int:
    """The number of logits that a module gives for the first samples.

    Raises
    ------
    ValueError
        If it cannot take them, or does not give a row of logits for each.
    """
    import torch

    training = module.training
    x = torch.from_numpy(dataset.training.x[:2]).to(next(module.parameters()))
    try:
        with torch.no_grad():
            logits = module.eval()(x)
    except Exception as error:  # whatever the module raises
        raise ValueError(
            f"dataset: the module cannot take {tuple(x.shape)} samples: {error}"
        ) from error
    finally:
        module.train(training)
    if not isinstance(logits, torch.Tensor) or logits.ndim != 2 or len(logits) != len(x):
        found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
        raise ValueError(
            f"module: found {found} for {len(x)} samples; expected logits (samples, classes)"
        )
    return logits.shape[1]


def _check(dataset: Dataset, dimension: int, classes: int) -> None:
    """Refuse samples that the network cannot take; compiled code does not check them."""
    for x, labels in (dataset.training, dataset.validation):
        if x.ndim != 2 or x.shape[1] != dimension or len(x) != len(labels) or not len(x):
            raise ValueError(
                f"dataset: found {x.shape} numbers with {len(labels)} labels; the network takes "
                f"samples of {dimension} numbers, each with a label"
            )
        if labels.dtype != np.int64 or not 0 <= labels.min() <= labels.max() < classes:
            raise ValueError(
                f"dataset: found labels from {labels.min()} to {labels.max()} ({labels.dtype}); "
                f"the network takes 0 to {classes - 1} (int64)"
            )
