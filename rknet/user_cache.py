"""The folder in which all projects of a user share what takes long to get."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import platformdirs

#: The beginning of the message that kernels cannot be kept.
NOT_KEPT = "Compiled kernels cannot be kept"


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


def kernel_cache() -> Path | None:
    """The folder of compiled kernels: as `user_cache`, or as Numba's own variable says."""
    folder = user_cache("NUMBA_CACHE_DIR")
    return folder and folder / "kernels"


def kernel_cache_trouble() -> str | None:
    """Why no kernel can be kept, in words; None if one can, or there are some to be read."""
    folder = kernel_cache()
    if folder is None:
        return not_kept(None, "the user has no home folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(2**18))
    except OSError as error:
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            with suppress(OSError):
                if any(folder.iterdir()):
                    return None
        return not_kept(folder, error)
    return None


def not_kept(folder: Path | None, why: Exception | str) -> str:
    """What to tell whoever has no kernel cache; it begins with `NOT_KEPT`."""
    return (
        f"{NOT_KEPT}{f' in {folder}' if folder else ''} ({why}), so every process compiles its "
        "own, which takes seconds. Make room there, or the folder writable, or name another one in "
        "RKNET_CACHE."
    )
