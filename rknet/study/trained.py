"""The network of a finished run, ready to use: `rknet.load`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.numpy import load_file
from torch import nn

from rknet.own import OwnFileError
from rknet.study.features import trained_network
from rknet.study.records import checked, read_record


def load(run: str | Path) -> nn.Module:
    """The trained network of a finished run.

    The record says which network it is. The checksums of the record and of the parameters are
    checked; whether the run is of the code that is installed is not, ``rknet verify`` does that.

    Parameters
    ----------
    run : str or Path
        The run's folder, such as ``results/runs/spiral/RK4Net/width16_depth20_tanh_random/seed0``.
        A network of the user's needs its Python file, where the config has it from the folder that
        Python runs in.

    Returns
    -------
    torch.nn.Module
        In evaluation mode. It maps samples, (samples, d), float32 as they were trained on, to
        logits, (samples, K).

    Raises
    ------
    FileNotFoundError
        If there is no finished run, or its parameters are missing.
    ValueError
        If the run keeps no parameters, has diverged or is damaged; the message names the file.
    rknet.own.OwnFileError
        If the user's file is missing or fails.
    """
    record, parameters = Path(run, "run.json"), Path(run, "parameters.safetensors")
    if not record.is_file():
        raise FileNotFoundError(
            f"{record}: there is no finished run; expected the folder of one, such as "
            "results/runs/<dataset>/<network>/<cell>/seed<k>"
        )
    about = read_record(record)
    if reason := _unusable(about, parameters.name):
        raise ValueError(f"{record}: {reason}")
    if not parameters.is_file():
        raise FileNotFoundError(
            f"{parameters} is missing; delete its folder, and the same command repeats the run"
        )
    arrays, shape = load_file(checked(about, parameters)), about["dataset"]
    try:
        return trained_network(
            about["setting"], arrays, shape["dimension"], shape["classes"], torch.float32
        )
    except OwnFileError:
        raise
    except (KeyError, RuntimeError, ValueError) as error:
        raise ValueError(
            f"{parameters} does not fit the network of {record} ({error}): that was made by other "
            "code; repeat the run"
        ) from error


def _unusable(record: dict[str, Any], parameters: str) -> str | None:
    """Why a run has no network to use, in words, if so."""
    if parameters not in record["files_sha256"]:
        kept = ", ".join(record["files_sha256"])
        return (
            f"the run keeps no parameters, as networks on images are too large; it has {kept}. "
            "rknet.fit trains such a network again"
        )
    if record["status"] == "diverged":
        return "the run has diverged, so its network is of no use; history.csv shows how"
    return None
