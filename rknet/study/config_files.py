"""Merges configuration files as Snakemake does, for the commands that run without Snakemake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rknet.study.config import read


def configuration(names: Sequence[str]) -> dict[str, Any]:
    """The default configuration, overridden by the named files, as Snakemake merges them.

    Parameters
    ----------
    names : sequence of str
        YAML files, or none. The default one is ``config/config.yaml`` in the working folder.

    Raises
    ------
    rknet.study.config.ConfigurationError
        If a file cannot be read.
    """
    merged = read(Path(), "config/config.yaml")
    for name in names:
        _put_over(merged, read(Path(), name))
    return merged


def _put_over(config: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Override a configuration by another one, as `snakemake.utils.update_config` does."""
    for key, value in other.items():
        if isinstance(value, Mapping):
            below = config.get(key)
            config[key] = dict(below) if isinstance(below, Mapping) else {}
            _put_over(config[key], value)
        else:
            config[key] = value


def reproduce(names: Sequence[str]) -> str:
    """The command that makes the results of a configuration."""
    return f"make reproduce{f' CONFIG={names[0]}' if names else ''}"
