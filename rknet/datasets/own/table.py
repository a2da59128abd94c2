"""A dataset from a user's table: every repetition splits its rows again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rknet.datasets.base import Dataset, Description, Drawable, Split, defined_at
from rknet.datasets.own.reading import Table, TableError, read
from rknet.files import file_hash
from rknet.seeds import stream


@dataclass(frozen=True)
class TableDataset(Drawable):
    """Rows of a table.

    Attributes
    ----------
    about : Description
    table : Table
    definition : dict
        Plain values, as `defined` takes them, and the checksum of the file.
    """

    about: Description
    table: Table
    definition: Mapping[str, Any]

    @classmethod
    def defined(
        cls,
        name: str,
        file: str,
        training: int,
        validation: int,
        label: str = "labels",
        features: str | Sequence[str] = (),
        standardise: bool = False,
        sha256: str | None = None,
    ) -> TableDataset:
        """The dataset that a file holds.

        Parameters
        ----------
        name : str
            Of the dataset.
        file : str
            CSV, Parquet or NPZ, see `read`.
        training, validation : int
            Samples in each split.
        label, features
            Names in the file, see `read`.
        standardise : bool, optional
            Whether to scale each dimension so that the training samples have mean 0 and standard
            deviation 1.
        sha256 : str, optional
            The checksum that the file must have.

        Raises
        ------
        TableError
            If the file does not hold such a dataset; the message names it and the place.
        """
        chosen = [features] if isinstance(features, str) else list(features)
        table = read(file, label, chosen)
        found = file_hash(file)
        if sha256 not in (None, found):
            raise TableError(f"{file} has changed meanwhile; run the same command again")
        samples = training, validation
        _check(file, table, samples)
        definition = {
            **{"file": file, "label": label, "features": chosen, "training": training},
            **{"validation": validation, "standardise": standardise, "sha256": found},
        }
        dimension, names = table.x.shape[1], table.class_names
        about = Description(name, dimension, len(names), samples, names, table.image_shape)
        return cls(about, table, definition)

    @property
    def roots(self) -> tuple[str, ...]:
        """What draws any such dataset; the file's content is in the definition."""
        return (defined_at(type(self)),)

    def draw(self, seed: int, files: Mapping[str, bytes] | None = None) -> Dataset:  # noqa: ARG002
        """Split the rows at random, every class in proportion."""
        order = stream("split", dataset=self.about.name, seed=seed).permutation(
            self.table.labels.size
        )
        labels = self.table.labels[order]
        training, validation = stratified(np.bincount(labels), self.about.samples)
        # The place of each row among those of its class.
        by_class = np.argsort(labels, kind="stable")
        place = np.empty_like(order)
        place[by_class] = np.arange(len(order)) - np.searchsorted(
            labels[by_class], labels[by_class]
        )
        chosen = place < training[labels], place >= training[labels]
        chosen[1][place >= (training + validation)[labels]] = False
        splits = [(self.table.x[order[rows]], labels[rows]) for rows in chosen]
        if self.definition["standardise"]:
            splits = standardised(splits)
        training_split, validation_split = (Split(x.astype(np.float32), y) for x, y in splits)
        return Dataset(training_split, validation_split, self.about)


def stratified(counts: np.ndarray, samples: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The number of samples of each class in each split, from the numbers that there are.

    Every class keeps its proportion, to within one sample, among the samples drawn and in each
    split.
    """
    drawn = shares(counts, sum(samples))
    training = shares(drawn, samples[0])
    return training, drawn - training


def shares(counts: np.ndarray, total: int) -> np.ndarray:
    """Divide `total` in the proportion of `counts`, rounded so that the sum is right."""
    whole, rest = np.divmod(counts * total, counts.sum())
    # The rest goes to the classes that lost most by rounding.
    whole[np.argsort(-rest, kind="stable")[: total - whole.sum()]] += 1
    return whole


def standardised(
    splits: list[tuple[np.ndarray, np.ndarray]],
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Both splits, scaled by the mean and standard deviation of the first one's samples."""
    x = splits[0][0]
    mean, std = x.mean(axis=0), x.std(axis=0)
    # A dimension in which all samples are equal stays constant.
    std[std == 0] = 1
    return [((x - mean) / std, labels) for x, labels in splits]


def _check(file: str, table: Table, samples: tuple[int, int]) -> None:
    """Raise a `TableError` unless there are samples for both splits, with every class in each."""
    counts = np.bincount(table.labels)
    if sum(samples) > len(table.labels):
        raise TableError(
            f"{file} has {len(table.labels)} rows; expected at least {sum(samples)}, for "
            f"{samples[0]} in training and {samples[1]} in validation"
        )
    for split, count in zip(("training", "validation"), stratified(counts, samples), strict=True):
        if not count.all():
            rare = int(np.argmin(count))
            raise TableError(
                f"{file}: the class {table.class_names[rare]!r} has {counts[rare]} of "
                f"{len(table.labels)} rows, so none of its samples is in {split}; expected more of "
                "them, or larger splits"
            )
