"""Splitting published samples again for each repetition, class by class."""

from __future__ import annotations

import numpy as np


def split_rows(
    rng: np.random.Generator, labels: np.ndarray, training: np.ndarray, validation: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of a training and a validation split, drawn at random from each class.

    Parameters
    ----------
    rng : Generator
    labels : ndarray, shape (samples,)
    training, validation : ndarray of int, shape (classes,)
        How many rows each class has in each split; together no more than there are.

    Returns
    -------
    tuple of ndarray
        Rows without repetition, in random order.
    """
    chosen: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for label, (first, second) in enumerate(zip(training, validation, strict=True)):
        members = rng.permutation(np.flatnonzero(labels == label))
        chosen[0].append(members[:first])
        chosen[1].append(members[first : first + second])
    return rng.permutation(np.concatenate(chosen[0])), rng.permutation(np.concatenate(chosen[1]))
