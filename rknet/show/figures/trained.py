"""A trained network, read from a run's files, with its features and predictions of points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file
from scipy import linalg
from torch import nn

from rknet.engines.base import Parameters
from rknet.networks.modules import FeatureNet
from rknet.own import OwnFileError
from rknet.show.figures.shown_run import Shown, shown
from rknet.study.features import features, inputs, trained_network
from rknet.study.records import checked, read_record


@dataclass(frozen=True)
class Trained(Shown):
    """A run's trained network, and the validation points on which it is shown.

    The paper's networks compute in float64.

    Attributes
    ----------
    parameters : dict of ndarray
        As the run's engine returned them; those of a diverged run may not be finite.
    """

    parameters: Parameters

    @cached_property
    def network(self) -> nn.Module:
        """The network as a PyTorch module."""
        return trained_network(self.setting, self.parameters, self.dimension, self.classes)

    @cached_property
    def features(self) -> list[np.ndarray]:
        """y⁽⁰⁾ to y⁽ᴸ⁾ of the validation points, each (samples, d̂), as `features` gives them."""
        return features(self.network, self.validation.x)

    @property
    def last_layer(self) -> int:
        """The number L of the layer whose features are the last."""
        return len(self.features) - 1

    @property
    def classifies_features(self) -> bool:
        """Whether it has a classifier of features; a user's network is all one piece."""
        return isinstance(self.network, FeatureNet)

    @torch.no_grad()
    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities, (samples, K), of inputs, (samples, d)."""
        return _softmax(self.network(inputs(self.network, x)))

    @torch.no_grad()
    def output_probabilities(self, y: np.ndarray) -> np.ndarray:
        """Class probabilities, (samples, K), of features in the output layer, (samples, d̂)."""
        return _softmax(self.network.classifier(inputs(self.network, y)))

    @cached_property
    def predicted(self) -> np.ndarray:
        """The most probable class of each validation point, (samples,)."""
        return self.probabilities(self.validation.x).argmax(axis=1)


def read(record: str | Path, parameters: str | Path, dataset: str | Path) -> Trained:
    """Read a run from its ``run.json`` and ``parameters.safetensors``, and its dataset's file.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file cannot be read or does not fit the others, or if a user's file fails; the message
        names the file.
    """
    about = read_record(record)
    network = shown(about, dataset)
    try:
        trained = Trained(*network, load_file(checked(about, parameters)))
        _ = trained.network
    except OwnFileError:
        raise
    except (SafetensorError, KeyError, RuntimeError, ValueError) as error:
        raise ValueError(
            f"{parameters} does not hold the parameters of {record} ({error}); train it again"
        ) from error
    return trained


def read_all(
    records: Iterable[str], parameters: Iterable[str], datasets: Iterable[str]
) -> list[Trained]:
    """Read the runs of a figure; takes and raises what `read` does, file by file."""
    return [read(*files) for files in zip(records, parameters, datasets, strict=True)]


class PrincipalAxes(NamedTuple):
    """Axes through the mean of features, (d̂,), that are the rows of `components`, (number, d̂)."""

    mean: np.ndarray
    components: np.ndarray

    def transform(self, y: np.ndarray) -> np.ndarray:
        """The coordinates on the axes, (samples, number), of features, (samples, d̂)."""
        return y @ self.components.T - self.mean @ self.components.T

    def inverse_transform(self, z: np.ndarray) -> np.ndarray:
        """The features that have given coordinates on the axes, and none beside them."""
        return z @ self.components + self.mean


def principal_axes(y: np.ndarray, number: int) -> PrincipalAxes:
    """Principal component analysis of features, (samples, d̂), to `number` dimensions.

    An axis and its opposite are equally good. We take the one on which the coordinate with the
    largest weight has a positive weight, so that a picture does not depend on the machine.
    """
    mean = y.mean(axis=0)
    components = linalg.svd(y - mean, full_matrices=False)[2][:number]
    heaviest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(number), heaviest])
    return PrincipalAxes(mean, components * np.where(signs == 0, 1, signs)[:, None])


def _softmax(logits: torch.Tensor) -> np.ndarray:
    return torch.softmax(logits, dim=1).numpy()
