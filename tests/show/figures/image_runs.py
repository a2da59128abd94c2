"""Made-up runs on the bundled digits: what a network made of them, as files."""

from dataclasses import asdict
from pathlib import Path

import numpy as np

from rknet import datasets
from rknet.cell import Cell
from rknet.files import file_hash
from rknet.show.figures.figure import Files
from rknet.study.outputs import Outputs, save
from rknet.study.recording import write_record


def files(folder: Path, *cells: Cell, status: str = "completed", wrong: int = 3) -> Files:
    """Files of a run for each cell: predictions of which every `wrong`-th is the next class."""
    drawn = datasets.draw("digits", 0, {})
    path = folder / "digits.npz"
    datasets.save(path, drawn)
    labels = drawn.validation.labels
    predicted = np.where(np.arange(len(labels)) % wrong == 0, (labels + 1) % 10, labels)
    records, outputs = [], []
    for number, cell in enumerate(cells):
        rng = np.random.default_rng(number)
        features = rng.standard_normal((len(labels), 5)).astype(np.float32) + labels[:, None]
        outputs.append(folder / f"{number}.npz")
        save(outputs[-1], Outputs(features.astype(np.float32), predicted))
        records.append(folder / f"{number}.json")
        setting = {**asdict(cell), "network_definition": {"standard": {}}, "seed": 0}
        record = {"setting": setting, "status": status, "dataset_sha256": file_hash(path)}
        write_record(records[-1], record, outputs[-1:])
    return Files(
        [str(p) for p in records], [], [], [str(path)] * len(cells), [str(p) for p in outputs]
    )


DEEP = Cell("digits", "RK4Net", 100, 100)
SHALLOW = Cell("digits", "StandardNet", 100, 5)
