"""The ``.ts`` format, in which the UEA archive publishes recordings of several channels.

Comments begin with #, what a file says of itself with @. After ``@data`` each line is a series: the
values of each channel after commas, the channels after colons, and the class last.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np


def parse(content: bytes, path: str | Path) -> tuple[list[np.ndarray], np.ndarray]:
    """The series of a file, and their classes.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : str or Path
        Its name, for messages.

    Returns
    -------
    list of ndarray, float64, each of shape (channels, times)
        Series may differ in their number of times.
    ndarray, int64
        Classes, in the order in which ``@classLabel`` lists them.

    Raises
    ------
    ValueError
        If the file is something else, or a value is missing; the message says in which line.
    """
    lines = content.decode("utf-8").splitlines()
    try:
        start = next(place for place, line in enumerate(lines) if line.strip() == "@data") + 1
        (about,) = (line.split() for line in lines[:start] if line.startswith("@classLabel true "))
    except (StopIteration, ValueError):
        raise ValueError(
            f"{path} is no .ts file of series with classes: expected the lines '@classLabel true' "
            "with the names of the classes, and '@data'"
        ) from None
    classes = {name: label for label, name in enumerate(about[2:])}
    series, labels = [], []
    for number, line in enumerate(lines[start:], start + 1):
        *channels, name = line.strip().split(":")
        if not line.strip():
            continue
        try:
            series.append(np.array([channel.split(",") for channel in channels], np.float64))
            labels.append(classes[name])
        except (ValueError, KeyError) as error:
            raise ValueError(
                f"{path}, line {number}: expected numbers, as many in each channel, and one of "
                f"the classes {', '.join(classes)} ({error})"
            ) from None
        if series[-1].ndim != 2 or not np.isfinite(series[-1]).all():
            raise ValueError(f"{path}, line {number}: expected finite numbers in each channel")
    if len({len(values) for values in series}) != 1:
        raise ValueError(f"{path}: expected series of as many channels each, and one at least")
    return series, np.array(labels, np.int64)
