"""What commands beside Snakemake share, ``python -m rknet.<command> [CONFIGFILE]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from snakemake.utils import update_config

from rknet.hashes import ROOT
from rknet.study.config import read


def configuration(arguments: Sequence[str]) -> dict[str, Any]:
    """The default configuration, and over it the file that is named, as Snakemake merges them.

    Parameters
    ----------
    arguments : sequence of str
        A YAML file, or nothing.

    Raises
    ------
    rknet.study.config.ConfigurationError
        If a file cannot be read.
    """
    merged = read(ROOT, "config/config.yaml")
    for name in arguments:
        update_config(merged, read(Path(), name))
    return merged


def reproduce(arguments: Sequence[str]) -> str:
    """The command that makes the results of a configuration."""
    return f"make reproduce{f' CONFIG={arguments[0]}' if arguments else ''}"
