"""How features shrink or spread from layer to layer of a trained network (Section 4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors.numpy import load_file

from rknet import datasets
from rknet.cell import AXES
from rknet.engines.base import Parameters
from rknet.networks.modules import FeatureNet, network_of
from rknet.study.records import checked, read_record
from rknet.tableau import ButcherTableau

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
    setting: dict, parameters: Parameters, dimension: int, dtype: torch.dtype = torch.float64
) -> FeatureNet:
    """The trained network of a run.

    Parameters
    ----------
    setting : dict
        The run's setting, as its record has it.
    parameters : dict of ndarray
        As `rknet.engines.base.initial_parameters` names them.
    dimension : int
        Dimension d of the input.
    dtype : torch.dtype, optional
        In which it computes.

    Raises
    ------
    KeyError, RuntimeError
        If a parameter is missing, or does not have the shape of the setting.
    """
    shape = (dimension, setting["width"], setting["depth"], len(parameters["mu"]))
    tableau = setting["tableau"] and ButcherTableau.from_mapping(setting["tableau"])
    network = network_of(
        tableau, *shape, step_size=setting["step_size"], activation=setting["activation"]
    ).to(dtype)
    network.load_arrays(parameters)
    return network


def features(setting: dict, parameters: Parameters, x: np.ndarray) -> list[np.ndarray]:
    """Features of a trained network at every layer, in float64.

    Parameters
    ----------
    setting, parameters : dict
        As `trained_network` takes them.
    x : ndarray, (samples, d)

    Returns
    -------
    list of ndarray, (samples, d̂)
        y⁽⁰⁾ to y⁽ᴸ⁾.
    """
    network = trained_network(setting, parameters, x.shape[1])
    with torch.no_grad():
        return [y.numpy() for y in network.features(torch.from_numpy(x.astype(np.float64)))]


def measure(runs: Iterable[tuple[str | Path, str | Path, str | Path]]) -> pd.DataFrame:
    """Measure the features of runs on their validation points.

    Parameters
    ----------
    runs : iterable of triples of str or Path
        Files ``run.json`` and ``parameters.safetensors`` of each run, and its dataset's.

    Returns
    -------
    pandas.DataFrame
        A row a run and layer: the cell's axes, ``seed``, ``status``, then as `norms`.

    Raises
    ------
    ValueError
        If a file is not what it must be; the message names it.
    """
    frames = []
    for record, parameters, dataset in runs:
        about = read_record(record)
        setting = about["setting"]
        x = datasets.load(dataset, setting["dataset"], about["dataset_sha256"]).validation.x
        run = {axis: setting[axis] for axis in (*AXES, "seed")}
        frame = norms(features(setting, load_file(checked(about, parameters)), x))
        frames.append(frame.assign(**run, status=about["status"]))
    columns = [*AXES, "seed", "status", "layer", *MEASURES]
    return pd.concat(frames, ignore_index=True)[columns]
