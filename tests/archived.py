"""Real runs of a few epochs, as the workflow leaves them, and forgeries of archived ones."""

import json
from pathlib import Path

from rknet import datasets
from rknet.cell import Cell
from rknet.files import file_hash, write_json
from rknet.networks.base import BUILT_IN, network
from rknet.study.archive.taken import KEY
from rknet.study.grids import Run
from rknet.study.recording import code_of
from rknet.study.records import digest, read_record
from rknet.study.roots import dataset_digest, run_roots
from rknet.study.training import train_run

#: Of points, its parameters are kept; of images, outputs.
POINTS = Cell("spiral", "RK4Net", 4, 2, epochs=2)
IMAGES = Cell("digits", "StandardNet", 64, 1, epochs=2, engine="torch")


def trained(folder: Path, cell: Cell, seed: int = 0, **changes) -> Path:
    """Train a run in a folder of results; return the run's folder. `changes` are of its record."""
    drawable = datasets.named(cell.dataset)
    name = f"seed{seed}-{dataset_digest(drawable)}.npz"
    data = folder / "datasets" / cell.dataset / name
    if not data.exists():
        data.parent.mkdir(parents=True, exist_ok=True)
        datasets.save(data, datasets.drawn(drawable, seed, {}))
    place = folder / "runs" / Run(cell, seed).path
    place.mkdir(parents=True)
    kept = (
        {"parameters": place / "parameters.safetensors"}
        if drawable.about.image_shape is None
        else {"outputs": place / "outputs.npz"}
    )
    definition = network(BUILT_IN[cell.network])
    setting = {**cell.settings(), "network_definition": definition.definition(), "seed": seed}
    files = {"history": place / "history.csv", "record": place / "run.json", **kept}
    with (folder / "log").open("w") as log:
        train_run(setting, data, **files, log=log, code=code_of(run_roots(cell, definition)))
    if changes:
        rewrite(place, **changes)
    return place


def rewrite(folder: Path, **changes) -> None:
    """Change a record, as if it had been written so."""
    record = {**read_record(folder / "run.json"), **changes}
    write_json(folder / "run.json", {**record, "sha256": digest(record)})


def forge(entry: Path) -> None:
    """Change files of an archived run by `edit`, with every checksum to match."""
    record = read_record(entry / "run.json")
    hashes = {name: file_hash(entry / name) for name in record["files_sha256"]}
    before = {
        name: hashes[name] if name != "outputs.npz" else sha256
        for name, sha256 in record[KEY]["files_sha256"].items()
    }
    rewrite(entry, files_sha256=hashes, **{KEY: {**record[KEY], "files_sha256": before}})


def forge_history(entry: Path, epoch: int, points: float) -> None:
    """Let an archived run have been better at an epoch than it was."""
    path = entry / "history.csv"
    header, *rows = path.read_text().splitlines()
    place = header.split(",").index("validation_accuracy_percent")
    values = rows[epoch].split(",")
    better = float(values[place]) + points
    values[place] = f"{better:.9g}"
    rows[epoch] = ",".join(values)
    path.write_text("\n".join([header, *rows]) + "\n")
    forge(entry)
    record = read_record(entry / "run.json")
    if epoch in (-1, record["last_epoch"]):
        last = {**record["last_metrics"], "validation_accuracy_percent": better}
        rewrite(entry, last_metrics=last)


def other_machine(folder: Path) -> None:
    """Let a run have been trained on another machine."""
    record = json.loads((folder / "run.json").read_text())
    rewrite(folder, hardware={**record["hardware"], "processor": "Another processor"})
