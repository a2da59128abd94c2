"""Files of runs to draw: frozen ones with their datasets, and untrained ones of any kind."""

import json
from itertools import chain
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from rknet import datasets
from rknet.cell import Cell
from rknet.engines.base import initial_parameters
from rknet.files import file_hash
from rknet.networks.base import BUILT_IN, network
from rknet.show.figures.figure import Files
from rknet.study.grids import Run
from rknet.study.recording import write_record

NODE, ANODE, LIFTED = (
    f"RK4Net/width{width}_depth4_tanh_{lift}_epochs12"
    for width, lift in ((2, "zeros"), (3, "zeros"), (3, "random"))
)


def dataset(folder: Path, name: str, seed: int) -> str:
    path = folder / f"{name}-{seed}.npz"
    if not path.exists():
        datasets.save(path, datasets.draw(name, seed))
    return str(path)


def with_datasets(files: Files, folder: Path) -> Files:
    settings = [json.loads(Path(record).read_text())["setting"] for record in files.records]
    return files._replace(datasets=[dataset(folder, s["dataset"], s["seed"]) for s in settings])


def untrained(folder: Path, *cells: Cell, status: str = "completed") -> Files:
    """Runs as they start; a diverged one has lost its parameters."""
    files = Files([], [], [], [])
    for cell in cells:
        run = folder / Run(cell, 0).path
        run.mkdir(parents=True, exist_ok=True)
        about = datasets.named(cell.dataset).about
        parameters = initial_parameters(cell, 0, about.dimension, about.classes)
        if status == "diverged":
            parameters["K"][:] = np.nan
        definition = network(BUILT_IN[cell.network]).definition()
        setting = {**vars(cell), "network_definition": definition, "seed": 0}
        save_file(parameters, run / "parameters.safetensors")
        drawn = dataset(folder, cell.dataset, 0)
        record = {"setting": setting, "status": status, "dataset_sha256": file_hash(drawn)}
        write_record(run / "run.json", record, [run / "parameters.safetensors"])
        files.records.append(str(run / "run.json"))
        files.parameters.append(str(run / "parameters.safetensors"))
        files.datasets.append(drawn)
    return files


def joined(*several: Files) -> Files:
    return Files(*(list(chain(*parts)) for parts in zip(*several, strict=True)))
