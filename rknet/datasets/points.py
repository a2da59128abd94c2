"""Datasets of points: a function draws one, and a decorator gives it a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from rknet.datasets.base import DATASETS, Dataset, Description, Drawable, Split, defined_at, sizes
from rknet.seeds import stream

#: Points in each split (Section 4): 1500 for training, as many for validation.
SAMPLES = 1500

#: Points, float64 of shape (samples, d), and labels, int64 of shape (samples,), in random order.
Points = tuple[np.ndarray, np.ndarray]
Draw = Callable[..., Points]


@dataclass(frozen=True)
class PointDataset(Drawable):
    """Points that a function draws.

    Attributes
    ----------
    about : Description
    function : callable
        From a random generator, a number of samples and `numbers` to `Points`.
    numbers : dict
        Further arguments of the function.
    definition : dict or None
        As `Drawable` has it.
    """

    about: Description
    function: Draw
    numbers: Mapping[str, int] = field(default_factory=dict)
    definition: Mapping[str, int] | None = None

    @property
    def roots(self) -> tuple[str, ...]:
        """The function."""
        return (defined_at(self.function),)

    def _sized(self, samples: tuple[int, int]) -> PointDataset:
        about = replace(self.about, samples=samples)
        return replace(self, about=about, definition=sizes(samples))

    def draw(self, seed: int, files: Mapping[str, bytes] | None = None) -> Dataset:  # noqa: ARG002
        """Draw both splits at once."""
        rng = stream("data", dataset=self.about.name, seed=seed)
        x, labels = self.function(rng, sum(self.about.samples), **self.numbers)
        return divided(x.astype(np.float32), labels, self.about)


def divided(x: np.ndarray, labels: np.ndarray, about: Description) -> Dataset:
    """Points in random order as a training and a validation split, in this order."""
    cut = about.samples[0]
    return Dataset(Split(x[:cut], labels[:cut]), Split(x[cut:], labels[cut:]), about)


def points(name: str, dimension: int = 0, classes: int = 2) -> Callable[[Draw], Draw]:
    """Register the decorated function as a dataset.

    Parameters
    ----------
    name : str
        Its name. Where ``{d}`` or ``{K}`` stand in it are the dimension and the number of classes,
        and the function takes them by these letters.
    dimension : int, optional
        Dimension d of the input space, unless the name has it.
    classes : int, optional
        Number of classes K, unless the name has it.
    """

    def registered(function: Draw) -> Draw:
        @DATASETS.register(name)
        def made(named: str, **numbers: int) -> PointDataset:
            sizes = numbers.get("d", dimension), numbers.get("K", classes)
            return PointDataset(Description(named, *sizes, (SAMPLES, SAMPLES)), function, numbers)

        return function

    return registered
