"""The folder in which all projects of a user share what takes long to get."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import platformdirs


def user_cache(*variables: str) -> Path | None:
    """The folder, which need not exist; None if the user has no home.

    Parameters
    ----------
    *variables : str
        Names of environment variables. The first one that is set names the folder; by default
        ``RKNET_CACHE``, or else the user's cache folder.
    """
    for variable in ("RKNET_CACHE", *variables):
        if named := os.environ.get(variable):
            return Path(os.path.expanduser(named))  # noqa: PTH111  # does not fail without a home
    # Without a home platformdirs raises an error; older versions return "~/.cache/rknet".
    with suppress(RuntimeError):
        folder = platformdirs.user_cache_path("rknet")
        if folder.is_absolute():
            return folder
    return None
