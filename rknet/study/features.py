"""The networks of trained runs, and their features."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from rknet.engines.base import Parameters
from rknet.networks.base import defined
from rknet.networks.modules import FeatureNet, layer_features, load_arrays


def trained_network(
    setting: dict,
    parameters: Parameters,
    dimension: int,
    classes: int,
    dtype: torch.dtype = torch.float64,
) -> nn.Module:
    """The trained network of a run, as it is used, not trained.

    Parameters
    ----------
    setting : dict
        The run's setting, as its record has it.
    parameters : dict of ndarray
        As the run's engine gave them.
    dimension, classes : int
        Dimension d of the input, and number of classes K.
    dtype : torch.dtype, optional
        In which it computes; a network of the user's does in its own.

    Raises
    ------
    KeyError, RuntimeError
        If a parameter is missing, or does not have the shape of the setting.
    """
    trained = defined(setting["network_definition"]).module(
        dimension,
        setting["width"],
        setting["depth"],
        classes,
        activation=setting["activation"],
        lift=setting["lift"],
        step_size=setting["step_size"],
    )
    load_arrays(trained, parameters)
    return (trained.to(dtype) if isinstance(trained, FeatureNet) else trained).eval()


def inputs(trained: nn.Module, x: np.ndarray) -> torch.Tensor:
    """Samples, (samples, d), in the type that a network computes in."""
    types = [p.dtype for p in trained.parameters() if p.is_floating_point()]
    return torch.from_numpy(np.asarray(x)).to(types[0])


@torch.no_grad()
def features(trained: nn.Module, x: np.ndarray) -> list[np.ndarray]:
    """Features of a trained network at every layer.

    Parameters
    ----------
    trained : nn.Module
        As `trained_network` gives it.
    x : ndarray, (samples, d)

    Returns
    -------
    list of ndarray, float64, (samples, d̂)
        y⁽⁰⁾ to y⁽ᴸ⁾; none if the network, which is then the user's, does not give them. Where its
        layers have different widths, narrower features are padded by zeros, as in (2.3).
    """
    found = layer_features(trained, inputs(trained, x)) or []
    flat = [y.flatten(1).double().numpy() for y in found]
    widest = max([2, *(y.shape[1] for y in flat)])
    return [
        y if y.shape[1] == widest else np.pad(y, ((0, 0), (0, widest - y.shape[1]))) for y in flat
    ]


@torch.no_grad()
def output_features(trained: nn.Module, x: np.ndarray) -> np.ndarray | None:
    """Features in the output layer, y⁽ᴸ⁾, as `features` gives them last; None if it gives none."""
    if isinstance(trained, FeatureNet):
        return trained.output_features(inputs(trained, x)).double().numpy()
    found = features(trained, x)
    return found[-1] if found else None
