"""Points that a user's function draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rknet.datasets.base import Dataset, Description, Drawable, defined_at
from rknet.datasets.points import SAMPLES, divided
from rknet.own import OwnFileError, blaming, files_in, function_of
from rknet.seeds import stream


@dataclass(frozen=True)
class OwnPoints(Drawable):
    """Points that the function ``draw`` of a Python file draws.

    Attributes
    ----------
    about : Description
    function : callable
        From a random generator, a number of samples and the options to points and labels.
    definition : dict
        Plain values, as `defined` takes them.
    """

    about: Description
    function: Callable[..., Any]
    definition: Mapping[str, Any]

    @classmethod
    def defined(
        cls,
        name: str,
        module: str,
        training: int = SAMPLES,
        validation: int = SAMPLES,
        class_names: Sequence[str] = (),
        options: Mapping[str, Any] | None = None,
    ) -> OwnPoints:
        """The points that a file draws; one repetition is drawn to find their shape and classes.

        Parameters
        ----------
        name : str
            Of the dataset.
        module : str
            Path of the Python file.
        training, validation : int
            Samples in each split.
        class_names : sequence of str, optional
            By label; otherwise there are as many classes as the first repetition has.
        options : mapping, optional
            Further arguments of ``draw``.

        Raises
        ------
        OwnFileError
            If the file does not run, or does not draw points; the message names it.
        """
        options = dict(options or {})
        function = function_of(module, "draw", "draw(rng, samples, **options)")
        samples = training, validation
        definition = {
            **{"module": module, "training": training, "validation": validation},
            **{"class_names": list(class_names), "options": options},
        }
        trial, again = (_drawn(module, function, name, 0, sum(samples), options) for _ in range(2))
        if not all(map(np.array_equal, trial, again)):
            raise OwnFileError(
                f"{module}: draw returns other points when it is called again with an equal rng; "
                "expected everything random to come from rng, so that a repetition can be repeated"
            )
        classes = len(class_names) or len(np.unique(trial[1]))
        about = Description(name, trial[0].shape[1], classes, samples, tuple(class_names))
        _check(module, *trial, about)
        if classes < 2:
            raise OwnFileError(f"{module}: draw gives all samples the same label; expected two")
        return cls(about, function, definition)

    @property
    def roots(self) -> tuple[str, ...]:
        """What draws any such points, the user's file, and the files that options name."""
        options = self.definition["options"]
        return defined_at(type(self)), self.definition["module"], *files_in(options)

    def draw(self, seed: int, files: Mapping[str, bytes] | None = None) -> Dataset:  # noqa: ARG002
        """Draw both splits at once.

        Raises
        ------
        OwnFileError
            If the function fails, or does not draw the same kind of points as in the first
            repetition.
        """
        module, options = self.definition["module"], self.definition["options"]
        samples = sum(self.about.samples)
        x, labels = _drawn(module, self.function, self.about.name, seed, samples, options)
        _check(module, x, labels, self.about)
        return divided(x, labels, self.about)


def _drawn(
    module: str,
    function: Callable[..., Any],
    name: str,
    seed: int,
    samples: int,
    options: Mapping[str, Any],
) -> tuple[np.ndarray, np.ndarray]:
    """What the function draws, as float32 points and int64 labels."""
    with blaming(module):
        found = function(stream("data", dataset=name, seed=seed), samples, **options)
    try:
        x, labels = (np.asarray(part) for part in found)
    except (TypeError, ValueError) as error:
        raise OwnFileError(
            f"{module}: draw returns {found!r:.100}; expected points and labels, two arrays"
        ) from error
    good = (
        *(x.ndim == 2, len(x) == samples, x.size > 0, x.dtype.kind in "iuf"),
        *(labels.shape == (samples,), labels.dtype.kind in "iu"),
    )
    if not all(good):
        raise OwnFileError(
            f"{module}: draw(rng, {samples}) returns points {x.dtype}{x.shape} and labels "
            f"{labels.dtype}{labels.shape}; expected numbers ({samples}, dimension) and whole "
            f"numbers ({samples},)"
        )
    with np.errstate(over="ignore"):
        return x.astype(np.float32), labels.astype(np.int64)


def _check(module: str, x: np.ndarray, labels: np.ndarray, about: Description) -> None:
    """Raise an `OwnFileError` unless points and labels are what the description says."""
    if x.shape[1] != about.dimension:
        raise OwnFileError(
            f"{module}: draw returns points in {x.shape[1]} dimensions; expected "
            f"{about.dimension}, as in the first repetition"
        )
    if not np.isfinite(x).all():
        row, column = np.argwhere(~np.isfinite(x))[0]
        raise OwnFileError(
            f"{module}: draw returns {x[row, column]} in x[{row}, {column}]; expected finite "
            "numbers"
        )
    odd = labels[(labels < 0) | (labels >= about.classes)]
    if len(odd):
        raise OwnFileError(
            f"{module}: draw returns the label {odd[0]}; expected 0 to {about.classes - 1}: say "
            "class_names in the config if there are more classes"
        )
