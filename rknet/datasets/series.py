"""Recordings of several channels: a series is a vector, channel after channel.

They are published in two parts. Every repetition splits both together again, with as many series of
each class in each part as were published, as comparisons of classifiers of series do (Ruiz et al.
2021). Each channel is scaled to mean 0 and standard deviation 1 over the training series, and then
shorter series are padded by zeros at their end, to the length of the longest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from rknet.datasets.base import DATASETS, Dataset, Description, Drawable, Split, defined_at
from rknet.datasets.image_files import ts
from rknet.datasets.splitting import split_rows
from rknet.seeds import stream

#: Of a part: series (channels, times) and their classes, as they were published.
Part = tuple[list[np.ndarray], np.ndarray]
#: A function of the published files that returns both parts.
Read = Callable[[Mapping[str, bytes]], tuple[Part, Part]]


@dataclass(frozen=True)
class SeriesDataset(Drawable):
    """Series that a function reads from published files.

    Attributes
    ----------
    about : Description
        Its dimension is that of the series: channels times length.
    function : callable
        Reads them.
    length : int
        The times of the longest series.
    """

    about: Description
    function: Read
    length: int
    fetched: bool = True

    @property
    def roots(self) -> tuple[str, ...]:
        """The function."""
        return (defined_at(self.function),)

    def _sized(self, samples: tuple[int, int]) -> Drawable:
        raise ValueError(
            f"found {samples[0]} + {samples[1]} samples of {self.about.name}; expected "
            f"{self.about.samples[0]} + {self.about.samples[1]}, as published"
        )

    def draw(self, seed: int, files: Mapping[str, bytes] | None = None) -> Dataset:
        """Split all series again, and make them vectors of one length."""
        (first, labels), (second, others) = self.function(files or {})
        counts = [np.bincount(part, minlength=self.about.classes) for part in (labels, others)]
        series, labels = [*first, *second], np.concatenate([labels, others])
        rng = stream("data", dataset=self.about.name, seed=seed)
        training, validation = split_rows(rng, labels, *counts)
        seen = np.concatenate([series[row] for row in training], axis=1)
        mean, std = seen.mean(axis=1, keepdims=True), seen.std(axis=1, keepdims=True)
        x = np.stack([_padded((one - mean) / std, self.length).ravel() for one in series])
        x = x.astype(np.float32)
        return Dataset(  # type: ignore[call-arg]  # two splits
            *(Split(x[rows], labels[rows]) for rows in (training, validation)),  # type: ignore[arg-type]
            self.about,
        )


def _padded(series: np.ndarray, length: int) -> np.ndarray:
    return np.pad(series, ((0, 0), (0, length - series.shape[1])))


def series(
    name: str, channels: int, length: int, samples: tuple[int, int], class_names: tuple[str, ...]
) -> Callable[[Read], Read]:
    """Register the decorated function as a dataset of series; `samples` are those published."""
    about = Description(name, channels * length, len(class_names), samples, class_names)

    def registered(function: Read) -> Read:
        DATASETS.register(name)(lambda _: SeriesDataset(about, function, length))
        return function

    return registered


@series("japanese_vowels", 12, 29, (270, 370), tuple(f"speaker {n}" for n in range(1, 10)))
def japanese_vowels(files: Mapping[str, bytes]) -> tuple[Part, Part]:
    """Who says two vowels, from 12 cepstral coefficients (Kudo, Toyama and Shimbo 1999)."""
    return _parts(files, "JapaneseVowels")


@series("basic_motions", 6, 100, (40, 40), ("standing", "running", "walking", "badminton"))
def basic_motions(files: Mapping[str, bytes]) -> tuple[Part, Part]:
    """What someone with a smart watch does, from its accelerometer and gyroscope."""
    return _parts(files, "BasicMotions")


def _parts(files: Mapping[str, bytes], name: str) -> tuple[Part, Part]:
    first, second = (f"{name}_{part}.ts" for part in ("TRAIN", "TEST"))
    return ts.parse(files[first], first), ts.parse(files[second], second)
