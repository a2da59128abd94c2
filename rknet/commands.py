"""What commands beside Snakemake share, ``python -m rknet.<command> [CONFIGFILE]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from snakemake.utils import update_config

from rknet.hashes import ROOT


def configuration(arguments: Sequence[str]) -> dict[str, Any]:
    """The default configuration, and over it the file that is named, as Snakemake merges them.

    Parameters
    ----------
    arguments : sequence of str
        A YAML file, or nothing.

    Raises
    ------
    OSError
        If a file cannot be read.
    yaml.YAMLError
        If it is no YAML.
    """
    merged: dict[str, Any] = {}
    for file in (ROOT / "config/config.yaml", *arguments):
        text = Path(file).read_text(encoding="utf-8")
        update_config(merged, yaml.safe_load(text) or {})
    return merged


def reproduce(arguments: Sequence[str]) -> str:
    """The command that makes the results of a configuration."""
    return f"make reproduce{f' CONFIG={arguments[0]}' if arguments else ''}"
