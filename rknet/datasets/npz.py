"""Files of drawn datasets: the arrays of both splits, and their description."""

from __future__ import annotations

import json
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import numpy as np

from rknet.datasets.base import Dataset, Description, Split
from rknet.files import array_hash, file_hash, replacing

_SPLITS = ("training", "validation")


def save(path: str | Path, dataset: Dataset) -> None:
    """Write `dataset` to an ``.npz`` file; the same dataset always gives the same bytes."""
    arrays = {
        f"{name}_{part}": array
        for name, split in zip(_SPLITS, dataset, strict=True)
        for part, array in split._asdict().items()
    }
    arrays["about"] = np.array(json.dumps(asdict(dataset.about), ensure_ascii=False))
    arrays["sha256"] = np.array(array_hash(arrays))
    # Like np.savez, but its bytes depend on the version of Python.
    with replacing(path) as temporary, ZipFile(temporary, "w") as archive:
        for name, array in arrays.items():
            file = BytesIO()
            np.save(file, array, allow_pickle=False)
            archive.writestr(ZipInfo(f"{name}.npy"), file.getvalue())


def load(path: str | Path, name: str | None = None, sha256: str | None = None) -> Dataset:
    """Read a dataset written by `save` and check it against its own description.

    Parameters
    ----------
    path : str or Path
    name : str, optional
        The name that the dataset must have.
    sha256 : str, optional
        The checksum that the file must have; for a run, that of the file it was trained on.

    Raises
    ------
    ValueError
        If the file cannot be read, is not as it was written or not the one meant, or does not hold
        what it says; the message names the file.
    """
    remedy = "delete it, and the same command makes it again"
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as found:
            arrays = dict(found)
        written = str(arrays.pop("sha256"))
        training, validation = (
            Split(arrays[f"{name}_x"], arrays[f"{name}_labels"]) for name in _SPLITS
        )
        dataset = Dataset(training, validation, _description(str(arrays["about"])))
    except Exception as error:  # numpy and zipfile raise a dozen kinds
        raise ValueError(f"{path} is no dataset file ({error}); {remedy}") from error
    if array_hash(arrays) != written:
        raise ValueError(f"{path} is damaged: its content has another checksum; {remedy}")
    if sha256 is not None and file_hash(path) != sha256:
        raise ValueError(f"{path} is not the dataset file that the run was trained on; {remedy}")
    if name not in (None, dataset.about.name):
        raise ValueError(f"{path} holds {dataset.about.name}, not {name}; {remedy}")
    for problem in problems(dataset):
        raise ValueError(f"{path}: {problem}; {remedy}")
    return dataset


def problems(dataset: Dataset) -> list[str]:
    """The difference between a dataset and its own description, in words."""
    about, found = dataset.about, []
    for split, samples, (x, labels) in zip(_SPLITS, about.samples, dataset, strict=True):
        good = (
            x.dtype == np.float32
            and x.shape == (samples, about.dimension)
            and labels.dtype == np.int64
            and labels.shape == (samples,)
            and np.isfinite(x).all()
            and 0 <= labels.min() <= labels.max() < about.classes
        )
        if not good:
            found.append(
                f"the {split} split is not {samples} finite float32 points in {about.dimension} "
                f"dimensions with labels below {about.classes}, as {about.name} must be (found x "
                f"{x.dtype}{x.shape})"
            )
    return found


def _description(text: str) -> Description:
    about = json.loads(text)
    lists = ("samples", "class_names", "image_shape")
    return Description(**about | {key: about[key] and tuple(about[key]) for key in lists})
