"""A trained network, read from a run's files, and what it makes of points."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file
from sklearn.decomposition import PCA

from rknet import datasets
from rknet.datasets import Split
from rknet.experiments import AXES, Cell, Run
from rknet.features import features, trained_network
from rknet.network import FeatureNet
from rknet.training.problem import Parameters


@dataclass(frozen=True)
class Trained:
    """A run's trained network and the validation points it is shown on; all in float64.

    Attributes
    ----------
    setting : dict
        The run's setting, as its record has it.
    status : str
        ``completed``, ``stopped`` or ``diverged``.
    parameters : dict of ndarray
        As `rknet.training.problem.initial_parameters` names them; those of a diverged run need
        not be finite.
    validation : Split
        Points, (samples, d), and their classes.
    """

    setting: dict[str, Any]
    status: str
    parameters: Parameters
    validation: Split

    @property
    def run(self) -> Run:
        """The cell and the seed."""
        return Run(Cell(**{axis: self.setting[axis] for axis in AXES}), self.setting["seed"])

    @property
    def diverged(self) -> bool:
        """Whether training ended without a finite cost, so that there is nothing to see."""
        return self.status == "diverged"

    @property
    def dimension(self) -> int:
        """Dimension d of the input."""
        return self.validation.x.shape[1]

    @cached_property
    def network(self) -> FeatureNet:
        """The network as a torch module."""
        return trained_network(self.setting, self.parameters, self.dimension)

    @cached_property
    def features(self) -> list[np.ndarray]:
        """y⁽⁰⁾ to y⁽ᴸ⁾ of the validation points, each (samples, d̂)."""
        return features(self.setting, self.parameters, self.validation.x)

    @torch.no_grad()
    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities, (samples, K), of inputs, (samples, d)."""
        return _softmax(self.network(torch.from_numpy(np.asarray(x, dtype=np.float64))))

    @torch.no_grad()
    def output_probabilities(self, y: np.ndarray) -> np.ndarray:
        """Class probabilities, (samples, K), of features in the output layer, (samples, d̂)."""
        return _softmax(self.network.classifier(torch.from_numpy(np.asarray(y, dtype=np.float64))))

    @cached_property
    def predicted(self) -> np.ndarray:
        """The most probable class of each validation point, (samples,)."""
        return self.output_probabilities(self.features[-1]).argmax(axis=1)

    @property
    def accuracy_percent(self) -> float:
        """Share of the validation points whose class is predicted."""
        return 100 * float(np.mean(self.predicted == self.validation.labels))


def read(record: str | Path, parameters: str | Path, dataset: str | Path) -> Trained:
    """Read a run from its ``run.json`` and ``parameters.safetensors``, and its dataset's file.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file cannot be read or does not fit the others; the message names the file.
    """
    try:
        about = json.loads(Path(record).read_text(encoding="utf-8"))
        setting, status = about["setting"], about["status"]
        data = setting["dataset"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{record} is no record of a run ({error!r}); train it anew") from error
    validation = datasets.load(dataset, data).validation
    try:
        trained = Trained(setting, status, load_file(parameters), validation)
        _ = trained.network
    except (SafetensorError, KeyError, RuntimeError, ValueError) as error:
        raise ValueError(
            f"{parameters} does not hold the parameters of {record} ({error}); train it anew"
        ) from error
    return trained


def read_all(
    records: Iterable[str], parameters: Iterable[str], datasets: Iterable[str]
) -> list[Trained]:
    """Read the runs of a figure; takes and raises what `read` does, file by file."""
    return [read(*files) for files in zip(records, parameters, datasets, strict=True)]


def principal_axes(y: np.ndarray, number: int) -> PCA:
    """Principal component analysis of features, (samples, d̂), to `number` dimensions.

    An axis and its opposite are as good; the one is taken on which the coordinate that weighs
    most weighs positively, so that a picture does not depend on the machine.
    """
    # Where all features are one, the shares of the variance are 0/0, which nobody asks for.
    with np.errstate(invalid="ignore"):
        pca = PCA(number, svd_solver="full").fit(y)
    heaviest = np.abs(pca.components_).argmax(axis=1)
    signs = np.sign(pca.components_[np.arange(number), heaviest])
    pca.components_ *= np.where(signs == 0, 1, signs)[:, None]
    return pca


def _softmax(logits: torch.Tensor) -> np.ndarray:
    return torch.softmax(logits, dim=1).numpy()
