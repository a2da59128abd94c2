"""Train any module in a call: the paper's networks by the fastest engine, others by autograd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rknet.cell import Cell
from rknet.datasets import Dataset
from rknet.engines.base import ENGINES, Metrics, Problem
from rknet.loop import History, train
from rknet.networks.base import Network

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
    tolerance: float = 0.05,
    seed: int = 0,
    engine: str | None = None,
    device: str = "cpu",
    report: Callable[[int, Metrics], None] | None = None,
) -> History:
    """Train a module in place, from the parameters that it has.

    Parameters
    ----------
    module : torch.nn.Module
        Maps (samples, d) to logits (samples, K).
    dataset : Dataset
        As `rknet.draw` gives it.
    epochs, batch_size, loss, optimiser, learning_rate, momentum, tolerance
        As in `rknet.cell.Cell`, with the paper's defaults.
    seed : int, optional
        Decides the order of samples, and what a module draws while it trains.
    engine : str, optional
        ``compiled``, ``torch`` or ``autograd``; without one, the first of these that can train the
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
    ValueError
        If the dataset does not fit the module, a name is unknown or the engine cannot train it.
    RuntimeError
        If the device is missing or too full.
    """
    settings = {"epochs": epochs, "batch_size": batch_size, "loss": loss, "optimiser": optimiser}
    settings |= {"learning_rate": learning_rate, "momentum": momentum, "tolerance": tolerance}
    own = _own(module)
    if own is None:
        cell, network, start = (
            Cell("", type(module).__qualname__, 0, 0, **settings),
            Given(module),
            {},
        )
    else:
        cell, network, start = _cell_of(own, settings), own.network, own.arrays()
        _check(dataset, *start["lift"].shape[1:], len(start["mu"]))
    kind = ENGINES[engine or _fastest(network, cell, device)]
    problem = Problem(cell, network, start, dataset, seed)
    trainer = kind.engine(problem, device)
    try:
        return train(trainer, problem, report)
    finally:
        if own is not None:
            own.load_arrays(trainer.parameters())


class Given(Network):
    """A module that is there already, as a network.

    Parameters
    ----------
    module : torch.nn.Module
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Network:
        """There is no definition."""
        raise NotImplementedError

    def definition(self) -> dict[str, Any]:
        """There is none."""
        raise NotImplementedError

    def module(self, *_: Any, **__: Any) -> nn.Module:
        """The module itself."""
        return self._module
