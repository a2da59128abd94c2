"""Measures the networks of trained runs: their features by layer, and how alike two of them are."""

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
from rknet.study.features import features, inputs, output_features, trained_network
from rknet.study.layers import MEASURES, by_layer, silhouette
from rknet.study.likeness import POINTS, Answers, grid, pairs, standardised
from rknet.study.outputs import load
from rknet.study.records import checked, read_record

#: Features are measured at so many validation points, the first: they are in random order.
SAMPLES = 300


def measure(
    runs: Iterable[tuple[str | Path, str | Path, str | Path]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure the features of runs on their validation points, and how alike pairs of runs are.

    Parameters
    ----------
    runs : iterable of triples of str or Path
        Of each run its ``run.json``, what is kept of its network (``parameters.safetensors``, or of
        images ``outputs.npz``), and the file of its dataset.

    Returns
    -------
    layers : pandas.DataFrame
        A row a run and layer: the cell's axes, ``seed``, ``status``, then as `by_layer`; none of
        runs whose network gives no features. Of images, the last layer's silhouette alone.
    alike : pandas.DataFrame
        As `pairs`. Runs of a dataset are compared at the validation points of its lowest seed.

    Raises
    ------
    ValueError
        If a file is not what it must be; the message names it.
    """
    known = [(read_record(record), Path(kept), dataset) for record, kept, dataset in runs]
    known.sort(key=lambda run: run[0]["setting"]["seed"])
    frames, answers, shown = [], {}, {}
    for about, kept, dataset in known:
        setting = about["setting"]
        drawn = _drawn(str(dataset), setting["dataset"], about["dataset_sha256"])
        cell, seed, status = Cell.of(setting), setting["seed"], about["status"]
        run = {**asdict(cell), "seed": seed, "status": status}
        labels = drawn.validation.labels
        if kept.suffix == ".npz":
            y = load(checked(about, kept), len(labels)).features
            last = {"layer": cell.depth, "silhouette": silhouette(y[:SAMPLES], labels[:SAMPLES])}
            frames.append(pd.DataFrame([last]).assign(**run))
            continue
        arrays, shape = load_file(checked(about, kept)), drawn.about
        trained = trained_network(setting, arrays, shape.dimension, shape.classes)
        if found := features(trained, drawn.validation.x[:SAMPLES]):
            frames.append(by_layer(found, labels[:SAMPLES]).assign(**run))
        data = cell.dataset, cell.training_samples, cell.validation_samples
        points = shown.setdefault(data, drawn.validation.x)
        answers[cell, seed] = _answers(trained, points, status == "diverged")
    columns = [*AXES, "seed", "status", "layer", *MEASURES]
    layers = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    return layers.reindex(columns=columns), pairs(answers)


@lru_cache(maxsize=64)
def _drawn(file: str, name: str, sha256: str) -> datasets.Dataset:
    """The dataset in a file, which many runs share."""
    return datasets.load(file, name, sha256)


@torch.no_grad()
def _answers(trained: nn.Module, x: np.ndarray, diverged: bool) -> Answers:
    """What a trained network makes of points, (samples, d)."""
    y = output_features(trained, x[:POINTS])
    labels = trained(inputs(trained, grid(x))).argmax(dim=1).numpy()
    return Answers(None if y is None else standardised(y), labels, diverged)
