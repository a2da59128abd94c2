"""The cache of compiled kernels: one process compiles a kernel, and all others load it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numba
import platformdirs
from filelock import FileLock
from llvmlite import binding
from numba import njit

#: Seconds to wait for another process that compiles; it takes five, or longer on a busy machine.
PATIENCE = 120


class CachedKernel:
    """A function that is compiled at its first call, or loaded if another process compiled it.

    Numba's cache keys on a function's closure but not on the modules it calls, and two processes
    that compile different kernels at once can mix up its files. So each kernel has its own cache
    folder, and the name depends on everything that goes into the kernel.

    Parameters
    ----------
    function : callable
        Its closure holds plain constants and functions, which keep Numba's key the same from
        process to process.
    folder : Path or None
        As `cache_folder` gives it.
    **options
        Of `numba.njit`.
    """

    def __init__(self, function: Callable[..., Any], folder: Path | None, **options: Any) -> None:
        before = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(folder or "")
        try:
            self.dispatcher = njit(cache=folder is not None, **options)(function)
        finally:
            numba.config.CACHE_DIR = before
        self._lock = folder and folder / f"{function.__name__}.lock"

    def __call__(self, *arguments: Any) -> Any:
        """Call the compiled function."""
        if not self.dispatcher.signatures:
            with ExitStack() as held:
                # Hundreds of jobs may start at once with an empty cache: one compiles, the others
                # wait and load. Where files cannot be locked, or whoever has the lock hangs, each
                # compiles for itself. A lock that is a mere file would outlive a killed job.
                if self._lock:
                    with suppress(OSError, NotImplementedError):
                        lock = FileLock(self._lock, timeout=PATIENCE, fallback_to_soft=False)
                        held.enter_context(lock)
                self.dispatcher.compile(tuple(map(numba.typeof, arguments)))
        return self.dispatcher(*arguments)


def compiled(
    sources: Iterable[Path], shape: Any, *functions: Callable[..., Any], **options: Any
) -> tuple[CachedKernel, ...]:
    """The functions as kernels that are compiled once on a machine.

    Parameters
    ----------
    sources : iterable of Path
        The files that the functions are made of.
    shape
        All that the functions' closures hold, with a `repr` that tells it.
    *functions : callable
    **options
        Of `numba.njit`.
    """
    folder = cache_folder([source.read_bytes() for source in sources], shape)
    return tuple(CachedKernel(f, folder, error_model="numpy", **options) for f in functions)


def cache_folder(*key: Any) -> Path | None:
    """The cache folder for `key`; None if no folder can be written.

    It is in ``$RKNET_CACHE`` if that is set, else in the user's cache folder. Machines can share
    it: each kind of processor has its own folder.
    """
    processor = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    everything = repr((key, numba.__version__, os.uname().machine, processor))
    name = hashlib.sha256(everything.encode()).hexdigest()[:16]
    root = os.environ.get("RKNET_CACHE") or platformdirs.user_cache_dir("rknet")
    folder = Path(root) / "kernels" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
