"""Published images (Section 4.5): an image is a vector of its pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from rknet.datasets.base import DATASETS, Dataset, Description, Drawable, Split, defined_at, sizes
from rknet.datasets.image_files import idx
from rknet.seeds import stream

#: A function of a random generator, the numbers of samples and the published files. It returns the
#: images and labels of each split, as they were published.
Draw = Callable[[np.random.Generator, tuple[int, int], Mapping[str, bytes]], tuple[Split, Split]]

_ARTICLES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


@dataclass(frozen=True)
class ImageDataset(Drawable):
    """Images that a function draws.

    Attributes
    ----------
    about : Description
    function : callable
        Draws them.
    white : int
        The value of the brightest pixel, which becomes 1; black is 0.
    published : tuple of int
        How many images there are for each split, or one number for both together.
    fetched : bool
        Whether the function takes published files.
    definition : dict or None
        As `Drawable` has it.
    """

    about: Description
    function: Draw
    white: int
    published: tuple[int, ...]
    fetched: bool
    definition: Mapping[str, int] | None = None

    @property
    def roots(self) -> tuple[str, ...]:
        """The function."""
        return (defined_at(self.function),)

    def _sized(self, samples: tuple[int, int]) -> ImageDataset:
        wanted = samples if len(self.published) == len(samples) else (sum(samples),)
        if any(count > most for count, most in zip(wanted, self.published, strict=True)):
            found, there = (" + ".join(map(str, numbers)) for numbers in (samples, self.published))
            raise ValueError(
                f"found {found} samples of {self.about.name}; there are {there}, for training and "
                "validation"
            )
        about = replace(self.about, samples=samples)
        return replace(self, about=about, definition=sizes(samples))

    def draw(self, seed: int, files: Mapping[str, bytes] | None = None) -> Dataset:
        """Draw both splits without replacement."""
        rng = stream("data", dataset=self.about.name, seed=seed)
        splits = self.function(rng, self.about.samples, files or {})
        return Dataset(*(self._vectors(split) for split in splits), self.about)  # type: ignore[call-arg, arg-type]  # two splits

    def _vectors(self, split: Split) -> Split:
        """Images as float32 vectors of pixels from 0 to 1."""
        pixels = split.x.reshape(len(split.x), -1).astype(np.float32) / np.float32(self.white)
        return Split(pixels, split.labels.astype(np.int64))


def images(
    name: str,
    side: int,
    white: int,
    samples: tuple[int, int],
    class_names: tuple[str, ...] = tuple("0123456789"),
    fetched: bool = True,
    published: tuple[int, ...] = (60_000, 10_000),
) -> Callable[[Draw], Draw]:
    """Register the decorated function as a dataset of images.

    Parameters
    ----------
    name : str
    side : int
        Rows of an image, and columns.
    white, samples, class_names, fetched, published
        As `ImageDataset` and its description have them.
    """
    about = Description(name, side**2, len(class_names), samples, class_names, (side, side))

    def registered(function: Draw) -> Draw:
        DATASETS.register(name)(lambda _: ImageDataset(about, function, white, published, fetched))
        return function

    return registered


@images("mnist", side=28, white=255, samples=(1500, 1500))
def mnist(
    rng: np.random.Generator, samples: tuple[int, int], files: Mapping[str, bytes]
) -> tuple[Split, Split]:
    """Handwritten digits."""
    return _published(rng, samples, files)


@images("fashion_mnist", side=28, white=255, samples=(1500, 1500), class_names=_ARTICLES)
def fashion_mnist(
    rng: np.random.Generator, samples: tuple[int, int], files: Mapping[str, bytes]
) -> tuple[Split, Split]:
    """Articles of clothing."""
    return _published(rng, samples, files)


def _published(
    rng: np.random.Generator, samples: tuple[int, int], files: Mapping[str, bytes]
) -> tuple[Split, Split]:
    """Training images from those published for training, validation images from the test ones."""
    splits = []
    for part, count in zip(("train", "t10k"), samples, strict=True):
        x, labels = (idx.parse(files[role], role) for role in (f"{part}-images", f"{part}-labels"))
        picked = rng.choice(len(labels), count, replace=False)
        splits.append(Split(x[picked], labels[picked]))
    return splits[0], splits[1]
