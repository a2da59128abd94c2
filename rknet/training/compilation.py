"""Compiling kernels once on a machine (Numba)."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numba
import platformdirs
from llvmlite import binding


def compiled(
    modules: Iterable[str], shape: Any, *functions: Callable[..., Any], **options: Any
) -> tuple[Callable[..., Any], ...]:
    """The functions, compiled or loaded from the cache.

    Numba's cache keys on a function's closure but not on the modules it calls, and two processes
    that compile different kernels at once can mix up its files. So kernels of a shape have a cache
    folder of their own, named after all that goes into them; and their closures must hold plain
    constants, which keep the key the same from process to process.

    Parameters
    ----------
    modules : iterable of str
        The modules of this package that the functions are made of.
    shape
        All that the functions' closures hold, with a `repr` that tells it.
    functions : callable
    options
        Of `numba.njit`.
    """
    folder = cache_folder(modules, shape)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder or "")
    try:
        jit = numba.njit(cache=folder is not None, error_model="numpy", **options)
        return tuple(jit(function) for function in functions)
    finally:
        numba.config.CACHE_DIR = before


def cache_folder(modules: Iterable[str], shape: Any) -> Path | None:
    """Where the kernels of a shape are cached; None if nowhere may be written.

    It is below ``$RKNET_CACHE`` if that is set, else in the user's cache folder.
    """
    here = Path(__file__).parent
    sources = b"".join((here / f"{module}.py").read_bytes() for module in modules)
    target = (numba.__version__, binding.get_host_cpu_name(), platform.machine())
    features = binding.get_host_cpu_features().flatten()
    key = hashlib.sha256(repr((sources, target, features, shape)).encode()).hexdigest()[:16]
    root = os.environ.get("RKNET_CACHE") or platformdirs.user_cache_dir("rknet")
    folder = Path(root) / "kernels" / key
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
