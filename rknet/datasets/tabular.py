"""Tables that come with scikit-learn: iris, wine and breast cancer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from rknet.datasets.base import DATASETS, Dataset, Description, Drawable, Split, defined_at, sizes
from rknet.datasets.own.table import standardised, stratified
from rknet.datasets.splitting import split_rows
from rknet.seeds import stream

#: Returns all samples (samples, d) and their labels, as they were published.
Load = Callable[[], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class BundledTable(Drawable):
    """A table that a function reads from a package.

    Attributes
    ----------
    about : Description
    function : callable
        Reads it.
    published : int
        How many rows it has.
    definition : dict or None
        As `Drawable` has it.
    """

    about: Description
    function: Load
    published: int
    definition: Mapping[str, int] | None = None

    @property
    def roots(self) -> tuple[str, ...]:
        """The function."""
        return (defined_at(self.function),)

    def _sized(self, samples: tuple[int, int]) -> BundledTable:
        found, least = sum(samples), self.about.classes
        if found > self.published or min(samples) < least:
            raise ValueError(
                f"found {samples[0]} + {samples[1]} samples of {self.about.name}; expected at "
                f"least {least} in each split, a sample for each class, and {self.published} at "
                "most in all"
            )
        return replace(self, about=replace(self.about, samples=samples), definition=sizes(samples))

    def draw(self, seed: int, files: Mapping[str, bytes] | None = None) -> Dataset:  # noqa: ARG002
        """Split the rows at random, every class in proportion, and standardise both splits.

        Mean and standard deviation are those of the training split.
        """
        x, labels = self.function()
        rng = stream("data", dataset=self.about.name, seed=seed)
        counts = stratified(np.bincount(labels), self.about.samples)
        drawn = [(x[rows], labels[rows]) for rows in split_rows(rng, labels, *counts)]
        splits = (
            Split(x.astype(np.float32), labels.astype(np.int64))
            for x, labels in standardised(drawn)
        )
        return Dataset(*splits, self.about)  # type: ignore[call-arg, arg-type]  # two splits


def table(
    name: str, dimension: int, samples: tuple[int, int], class_names: tuple[str, ...]
) -> Callable[[Load], Load]:
    """Register the decorated function as a table; `samples` are all that there are."""
    about = Description(name, dimension, len(class_names), samples, class_names)

    def registered(function: Load) -> Load:
        DATASETS.register(name)(lambda _: BundledTable(about, function, sum(samples)))
        return function

    return registered


@table("iris", 4, (75, 75), ("setosa", "versicolor", "virginica"))
def iris() -> tuple[np.ndarray, np.ndarray]:
    """Lengths and widths of petals and sepals (Fisher 1936)."""
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True)  # type: ignore[no-any-return]  # scikit-learn's


@table("wine", 13, (90, 88), ("class 0", "class 1", "class 2"))
def wine() -> tuple[np.ndarray, np.ndarray]:
    """What wines of three cultivars consist of (Aeberhard and Forina 1992)."""
    from sklearn.datasets import load_wine

    return load_wine(return_X_y=True)  # type: ignore[no-any-return]  # scikit-learn's


@table("breast_cancer", 30, (285, 284), ("malignant", "benign"))
def breast_cancer() -> tuple[np.ndarray, np.ndarray]:
    """Shapes of cell nuclei (Wolberg, Mangasarian, Street and Street 1995)."""
    from sklearn.datasets import load_breast_cancer

    return load_breast_cancer(return_X_y=True)  # type: ignore[no-any-return]  # scikit-learn's
