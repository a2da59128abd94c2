"""Measures how features shrink or spread from layer to layer (Section 4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
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
from rknet.study.records import checked, read_record

#: What is measured at each layer; the relative ones are 1 at the input layer.
MEASURES = ["mean_norm", "relative_norm", "mean_spread", "relative_spread"]


def norms(features: Iterable[np.ndarray]) -> pd.DataFrame:
    """Size and spread of features at every layer.

    Parameters
    ----------
    features : iterable of ndarray, (samples, d̂)
        From the input layer on.

    Returns
    -------
    pandas.DataFrame
        A row a layer: ``layer``, then `MEASURES`: the mean over samples of ‖y‖ and of ‖y − ȳ‖, ȳ
        the mean of y, each also relative to layer 0. The spread is the one that tells points
        from one another: the logistic function maps to (0, 1), so features that contract to a
        point need not contract to zero.
    """
    rows = []
    for y in features:
        spread = y - y.mean(axis=0)
        rows.append([np.linalg.norm(v, axis=1).mean() for v in (y, spread)])
    frame = pd.DataFrame(rows, columns=["mean_norm", "mean_spread"]).rename_axis("layer")
    frame["relative_norm"] = frame["mean_norm"] / frame["mean_norm"][0]
    frame["relative_spread"] = frame["mean_spread"] / frame["mean_spread"][0]
    return frame[MEASURES].reset_index()


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
    return [np.pad(y, ((0, 0), (0, widest - y.shape[1]))) for y in flat]


def measure(runs: Iterable[tuple[str | Path, str | Path, str | Path]]) -> pd.DataFrame:
    """Measure the features of runs on their validation points.

    Parameters
    ----------
    runs : iterable of triples of str or Path
        Files ``run.json`` and ``parameters.safetensors`` of each run, and its dataset's.

    Returns
    -------
    pandas.DataFrame
        A row a run and layer: the cell's axes, ``seed``, ``status``, then as `norms`; none of runs
        whose network gives no features.

    Raises
    ------
    ValueError
        If a file is not what it must be; the message names it.
    """
    frames = []
    for record, parameters, dataset in runs:
        about = read_record(record)
        setting = about["setting"]
        drawn = datasets.load(dataset, setting["dataset"], about["dataset_sha256"])
        arrays, shape = load_file(checked(about, parameters)), drawn.about
        trained = trained_network(setting, arrays, shape.dimension, shape.classes)
        if found := features(trained, drawn.validation.x):
            run = {**asdict(Cell.of(setting)), "seed": setting["seed"]}
            frames.append(norms(found).assign(**run, status=about["status"]))
    columns = [*AXES, "seed", "status", "layer", *MEASURES]
    return (
        pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)
    )
