"""Measures the features of trained networks, and how alike they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors.numpy import load_file
from torch import nn

from rknet import datasets
from rknet.cell import AXES, Cell
from rknet.engines.base import Parameters
from rknet.networks.base import defined
from rknet.networks.modules import FeatureNet, layer_features, load_arrays
from rknet.study.layers import MEASURES, by_layer
from rknet.study.likeness import POINTS, Answers, grid, pairs, standardised
from rknet.study.records import checked, read_record

#: Features are measured at so many validation points, the first: they are in random order.
SAMPLES = 300


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


def measure(
    runs: Iterable[tuple[str | Path, str | Path, str | Path]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure the features of runs on their validation points, and how alike pairs of runs are.

    Parameters
    ----------
    runs : iterable of triples of str or Path
        Files ``run.json`` and ``parameters.safetensors`` of each run, and its dataset's.

    Returns
    -------
    layers : pandas.DataFrame
        A row a run and layer: the cell's axes, ``seed``, ``status``, then as `by_layer`; none of
        runs whose network gives no features.
    alike : pandas.DataFrame
        As `pairs`. Runs of a dataset are compared at the validation points of its lowest seed.

    Raises
    ------
    ValueError
        If a file is not what it must be; the message names it.
    """
    known = [(read_record(record), parameters, dataset) for record, parameters, dataset in runs]
    known.sort(key=lambda run: run[0]["setting"]["seed"])
    frames, answers, shown = [], {}, {}
    for about, parameters, dataset in known:
        setting = about["setting"]
        drawn = _drawn(str(dataset), setting["dataset"], about["dataset_sha256"])
        arrays, shape = load_file(checked(about, parameters)), drawn.about
        trained = trained_network(setting, arrays, shape.dimension, shape.classes)
        cell, seed, status = Cell.of(setting), setting["seed"], about["status"]
        x, labels = drawn.validation.x[:SAMPLES], drawn.validation.labels[:SAMPLES]
        if found := features(trained, x):
            run = {**asdict(cell), "seed": seed}
            frames.append(by_layer(found, labels).assign(**run, status=status))
        data = cell.dataset, cell.training_samples, cell.validation_samples
        points = shown.setdefault(data, drawn.validation.x)
        answers[cell, seed] = _answers(trained, points, status == "diverged")
    columns = [*AXES, "seed", "status", "layer", *MEASURES]
    layers = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return layers[columns], pairs(answers)


@lru_cache(maxsize=64)
def _drawn(file: str, name: str, sha256: str) -> datasets.Dataset:
    """The dataset in a file, which many runs share."""
    return datasets.load(file, name, sha256)


@torch.no_grad()
def _answers(trained: nn.Module, x: np.ndarray, diverged: bool) -> Answers:
    """What a trained network makes of points, (samples, d)."""
    found = features(trained, x[:POINTS])
    labels = trained(inputs(trained, grid(x))).argmax(dim=1).numpy()
    return Answers(standardised(found[-1]) if found else None, labels, diverged)
