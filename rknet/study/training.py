"""Trains one run, from its dataset file to its folder; the training rule calls this."""

from __future__ import annotations

import math
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from safetensors.numpy import save_file

from rknet import datasets
from rknet.cell import Cell
from rknet.checkpoint import Checkpoint
from rknet.datasets import Dataset
from rknet.engines.base import ENGINES, Metrics, Problem, initial_parameters
from rknet.files import file_hash, open_log, replacing
from rknet.loop import train
from rknet.networks.base import defined
from rknet.study.recording import write_record


def problem_of(setting: dict[str, Any], dataset: Dataset) -> Problem:
    """The training problem of a run, from its setting as `Configuration.setting` gives it."""
    cell = Cell.of(setting)
    trained, seed = defined(setting["network_definition"]), setting["seed"]
    shape = dataset.about.dimension, dataset.about.classes
    start = trained.start(lambda: initial_parameters(cell, seed, *shape))
    return Problem(cell, trained, start, dataset, seed)


def train_each(
    settings: Sequence[dict[str, Any]],
    files: Mapping[str, Sequence[str]],
    logs: Sequence[str],
    **common: Any,
) -> None:
    """Train runs one after another; one that fails leaves the others.

    Parameters
    ----------
    settings : sequence of dict
        Of each run.
    files : mapping of str to sequence of str
        The dataset file of each run and the files to write, as `train_run` names them.
    logs : sequence of str
        The log of each run. It ends with the error if the run fails.
    **common
        Of `train_run`, for all.

    Raises
    ------
    Exception
        The error of the run that failed; an `ExceptionGroup` if several did.
    """
    errors = []
    for number, (setting, path) in enumerate(zip(settings, logs, strict=True)):
        own = {name: paths[number] for name, paths in files.items()}
        try:
            with open_log(path) as log:
                train_run(setting, **own, log=log, **common)
        except Exception as error:  # whatever it is, the next run may not have it
            errors.append(error)
            with suppress(OSError), Path(path).open("a", encoding="utf-8") as log:
                traceback.print_exception(error, file=log)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {len(settings)} runs failed", errors)


def train_run(
    setting: dict[str, Any],
    dataset: str | Path,
    history: str | Path,
    record: str | Path,
    parameters: str | Path | None = None,
    outputs: str | Path | None = None,
    log: TextIO = sys.stderr,
    device: str = "cpu",
    code: Mapping[str, Any] | None = None,
) -> None:
    """Train one run and write its folder, or continue what a killed process began there.

    Parameters
    ----------
    setting : dict
        Everything that decides the result, as `Configuration.setting` returns it.
    dataset : str or Path
        The dataset file of the run's seed.
    history : str or Path
        CSV to write, see `History.write`.
    record : str or Path
        JSON to write: the setting, how the run came about and ended, and checksums.
    parameters : str or Path, optional
        Trained parameters to write (safetensors), named as `initial_parameters` names them.
    outputs : str or Path, optional
        What the network makes of the validation samples, to write, see `rknet.study.outputs`.
    log : text file, optional
        Gets a line an epoch.
    device : str, optional
        Where PyTorch trains, see `rknet.engines.on_torch.devices.device_of`.
    code : mapping, optional
        Digest and roots of the code that trains, for the record; a checkpoint that other code has
        made does not count.

    Raises
    ------
    ValueError
        If the dataset file is not what it must be, or the device has no such name.
    RuntimeError
        If the device is missing or too full.
    """
    started, cpu = time.perf_counter(), time.process_time()
    drawn = datasets.load(dataset, setting["dataset"])
    problem = problem_of(setting, drawn)
    engine = ENGINES[problem.cell.engine].engine(problem, device)
    checkpoint = Checkpoint(
        Path(history).with_name("checkpoint.safetensors"),
        {"setting": setting, "dataset": file_hash(dataset), "code": code, "device": device},
        log,
    )
    first = None  # epoch that this process begins with

    def report(epoch: int, metrics: Metrics) -> None:
        nonlocal first
        first = epoch if first is None else first
        done = time.perf_counter() - started
        left = done / (epoch - first + 1) * (problem.cell.epochs - epoch)
        print(
            f"epoch {epoch:3d}/{problem.cell.epochs}"
            f"  training {metrics.training_cost:.4f} {metrics.training_accuracy_percent:6.2f} %  "
            f"validation {metrics.validation_cost:.4f} {metrics.validation_accuracy_percent:6.2f} %"
            f"  {left:.0f} s left",
            file=log,
            flush=True,
        )

    result = train(engine, problem, report, checkpoint)
    last = result.epochs[-1]
    result.write(history)
    trained, threads = engine.parameters(), engine.threads
    del engine  # and with it the optimiser's moments, twice as large as the network
    if parameters is not None:
        with replacing(parameters) as temporary:
            save_file(trained, temporary)
    if outputs is not None:
        # Point runs go without PyTorch.
        from rknet.study.outputs import outputs as outputs_of
        from rknet.study.outputs import save

        x, classes = problem.dataset.validation.x, drawn.about.classes
        save(outputs, outputs_of(setting, trained, x, classes))
    write_record(
        record,
        {
            "setting": setting,
            "dataset": drawn.about.in_short(),
            "status": result.status,
            **({"reason": result.reason} if result.reason else {}),
            "last_epoch": len(result.epochs) - 1,
            "early_stop_epoch": len(result.epochs) - 1 if result.status == "stopped" else None,
            # JSON has no NaN; a diverged run has no last cost.
            "last_metrics": {k: v if math.isfinite(v) else None for k, v in last._asdict().items()},
            # Times and memory are of the process that finished the run.
            "resumed_after_epoch": first - 1 if first else None,
            "dataset_file": "/".join(Path(dataset).parts[-3:]),
            "dataset_sha256": file_hash(dataset),
            "wall_time_seconds": round(time.perf_counter() - started, 3),
            "cpu_time_seconds": round(time.process_time() - cpu, 3),
            "threads": threads,
            "code": code,
        },
        filter(None, (history, parameters, outputs)),
    )
    checkpoint.remove()
    ended = f"{result.status} after epoch {len(result.epochs) - 1}"
    print(f"{ended}: {result.reason}" if result.reason else ended, file=log)
