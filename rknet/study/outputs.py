"""The outputs for the validation images, which are kept if a network is too large to keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from rknet.engines.base import Parameters
from rknet.files import replacing
from rknet.networks.modules import FeatureNet, layer_features
from rknet.study.features import trained_network

#: Samples that go through the network at once.
_BATCH = 250


class Outputs(NamedTuple):
    """A network's outputs for the validation samples.

    Attributes
    ----------
    features : ndarray, float32, (samples, d̂)
        In the output layer, y⁽ᴸ⁾.
    predicted : ndarray, int64, (samples,)
        The most probable class.
    """

    features: np.ndarray
    predicted: np.ndarray


@torch.no_grad()
def outputs(
    setting: dict[str, Any], parameters: Parameters, x: np.ndarray, classes: int
) -> Outputs:
    """Output features and predicted classes of inputs.

    If a user's network does not return features, they are its logits.

    Parameters
    ----------
    setting : dict
        The run's setting, as its record has it.
    parameters : dict of ndarray
        As the run's engine gave them.
    x : ndarray, float32, (samples, d)
    classes : int
        Number of classes K.
    """
    network = trained_network(setting, parameters, x.shape[1], classes, torch.float32)
    parts = []
    for part in torch.from_numpy(x).split(_BATCH):
        if isinstance(network, FeatureNet):
            y = network.output_features(part)
            logits = network.classifier(y)
        else:
            logits = network(part)
            y = (layer_features(network, part) or [logits])[-1]
        parts.append((y, logits.argmax(dim=1)))
    features, predicted = (torch.cat(found).numpy() for found in zip(*parts, strict=True))
    return Outputs(features, predicted)


def save(path: str | Path, found: Outputs) -> None:
    """Write outputs to an ``.npz`` file; the same outputs always give the same bytes."""
    with replacing(path) as temporary:
        np.savez(temporary, **found._asdict())


def load(path: str | Path, samples: int) -> Outputs:
    """Read what `save` wrote.

    Raises
    ------
    ValueError
        If the file cannot be read, or does not hold the outputs of so many samples; the message
        names it.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = Outputs(*(arrays[name] for name in Outputs._fields))
    except Exception as error:  # numpy and zipfile raise a dozen kinds
        raise ValueError(
            f"{path} holds no outputs of a network ({error}); delete its folder, and the run is "
            "repeated"
        ) from error
    if found.features.ndim != 2 or not len(found.features) == len(found.predicted) == samples:
        raise ValueError(
            f"{path} holds features {found.features.shape} and predictions "
            f"{found.predicted.shape}; expected {samples} samples of each"
        )
    return found
