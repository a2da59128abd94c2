"""Image datasets of Section 4.5, and one in miniature; an image is a vector of its pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rknet.datasets import Dataset, Split
from rknet.seeds import stream


@dataclass(frozen=True)
class ImageDataset:
    """What an image dataset is.

    Attributes
    ----------
    side : int
        Rows of an image, and columns.
    white : int
        The value of the brightest pixel, which becomes 1; black is 0.
    class_names : tuple of str
        By label.
    samples : tuple of int
        Images that a repetition draws for training and for validation.
    """

    side: int
    white: int
    class_names: tuple[str, ...]
    samples: tuple[int, int]

    @property
    def dimension(self) -> int:
        """Dimension d of the input space: the number of pixels."""
        return self.side**2

    @property
    def classes(self) -> int:
        """Number of classes K."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.side, self.side


_DIGITS = tuple("0123456789")
_ARTICLES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_NAMED = {
    "mnist": ImageDataset(28, 255, _DIGITS, (1500, 1500)),
    "fashion_mnist": ImageDataset(28, 255, _ARTICLES, (1500, 1500)),
    # There are 1797: two disjoint parts, the first whole batches of five.
    "digits": ImageDataset(8, 16, _DIGITS, (900, 897)),
}


def describe(name: str) -> ImageDataset:
    """The image dataset called `name`.

    Raises
    ------
    ValueError
        If there is no such image dataset; the message lists them.
    """
    if name not in _NAMED:
        raise ValueError(f"unknown image dataset {name!r}; there are {', '.join(_NAMED)}")
    return _NAMED[name]


def draw(name: str, seed: int, sources: Mapping[str, Any]) -> Dataset:
    """Draw the image dataset `name` for repetition `seed`, without replacement.

    Training images are drawn from those published for training, validation images from those
    published for testing. The images of ``digits`` were published without such a division: they
    are divided at random, anew in every repetition.

    Parameters
    ----------
    name : str
    seed : int
    sources : mapping
        Where image files are found, as the config's `images` has it.

    Raises
    ------
    rknet.datasets.sources.SourceError
        If image files are found nowhere.
    """
    about = describe(name)
    rng = stream("data", dataset=name, seed=seed)
    if name == "digits":
        whole = _bundled_digits()
        order = rng.permutation(len(whole.labels))[: sum(about.samples)]
        chosen = np.split(order, [about.samples[0]])
        pools = (whole, whole)
    else:
        pools = _published(name, sources)
        chosen = [
            rng.choice(len(pool.labels), samples, replace=False)
            for pool, samples in zip(pools, about.samples, strict=True)
        ]
    return Dataset(
        *(
            Split(_pixels(pool.x[picked], about), pool.labels[picked].astype(np.int64))
            for pool, picked in zip(pools, chosen, strict=True)
        )
    )


def _pixels(images: np.ndarray, about: ImageDataset) -> np.ndarray:
    """Images as float32 vectors of pixels from 0 to 1."""
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(about.white)


# The libraries that images come by are imported only where images are drawn.


def _bundled_digits() -> Split:
    """All 1797 digits that scikit-learn has in its package."""
    from sklearn.datasets import load_digits

    return Split(*load_digits(return_X_y=True))


def _published(name: str, sources: Mapping[str, Any]) -> tuple[Split, Split]:
    """The training and the test images, as they were published."""
    from rknet.datasets import idx
    from rknet.datasets.sources import fetch

    files = fetch(name, sources)
    arrays = {role: idx.parse(file.content, file.path) for role, file in files.items()}
    return (
        Split(arrays["train-images"], arrays["train-labels"]),
        Split(arrays["t10k-images"], arrays["t10k-labels"]),
    )
