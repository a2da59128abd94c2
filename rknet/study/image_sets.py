"""Get the files of images and recordings, and say what gave them, as ``make images-data`` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rknet.datasets.image_files import places
from rknet.datasets.image_files.sources import CHECKSUMS, SourceError, fetch, in_words
from rknet.study.config import ConfigurationError, load
from rknet.study.config_files import configuration


def main(names: Sequence[str], sets: Sequence[str] = ()) -> int:
    """Get the files; return the exit status, 1 if a set cannot be had.

    Parameters
    ----------
    names : sequence of str
        The configuration file that overrides the default one, if any.
    sets : sequence of str, optional
        Only these sets.
    """
    config = configuration(names)
    try:
        load(config, Path())
    except ConfigurationError as error:
        print(error)
        return 1
    status = 0
    for name in sets or CHECKSUMS:
        try:
            print(f"{name}: {in_words(fetch(name, places(config)))}", flush=True)
        except SourceError as error:
            print(error, flush=True)
            status = 1
    return status
