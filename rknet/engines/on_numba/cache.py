"""The cache of compiled kernels: one process compiles a kernel, and all others load it.

The cache saves time and decides nothing. If it cannot be read or written, kernels are compiled in
memory; a damaged file is replaced.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numba
from filelock import FileLock
from llvmlite import binding
from numba import njit
from numba.core.caching import IndexDataCacheFile, NullCache
from numba.core.compiler import CompileResult

from rknet.files import replacing
from rknet.user_cache import kernel_cache, not_kept

#: Seconds to wait for another process that compiles; it takes five, or longer on a busy machine.
PATIENCE = 120
#: Bytes of the checksum at the end of a file.
_SEAL = hashlib.sha256().digest_size


class CacheWarning(RuntimeWarning):
    """Kernels cannot be kept; the message names the folder."""


class CachedKernel:
    """A function that is compiled at its first call, or loaded if another process compiled it.

    Numba's cache keys on a function's closure but not on the modules it calls, and two processes
    that compile different kernels at once can mix up its files. So each kernel has its own cache
    folder, and the name depends on everything that goes into the kernel.

    Parameters
    ----------
    function : callable
        Its closure holds plain constants and functions.
    folder : Path or None
        As `cache_folder` gives it.
    **options
        Of `numba.njit`.
    """

    def __init__(self, function: Callable[..., Any], folder: Path | None, **options: Any) -> None:
        self.dispatcher = njit(**options)(function)
        self._lock = folder and folder / f"{function.__name__}.lock"
        if folder:
            # Numba's own cache takes no folder that cannot be written, and no damage.
            self.dispatcher._cache = _Kept(folder, function.__name__)

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


class _Kept(NullCache):
    """What Numba asks for a compiled function and gives it to; no trouble stops it.

    Parameters
    ----------
    folder : Path
        It may hold other functions too.
    name : str
        The function's.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._files = _SealedFiles(folder, name)

    @property
    def cache_path(self) -> str:
        """The folder."""
        return str(self._folder)

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """The function for a signature; None if it is not there, or damaged."""
        target_context.refresh()
        try:
            found = self._files.load(_key(sig, target_context.codegen()))
            return found and CompileResult._rebuild(target_context, *found)
        except Exception:
            # Damage may raise anything. What is removed is written again; what cannot be removed
            # cannot be written either, and is told of then.
            for path in _files_of(self._folder, self._name):
                with suppress(OSError):
                    path.unlink()
            return None

    def save_overload(self, sig: Any, data: CompileResult) -> None:
        """Write the function for a signature, if that is possible."""
        # Such a function has addresses of this process in it.
        if data.library.has_dynamic_globals:
            return
        try:
            self._files.save(_key(sig, data.codegen), data._reduce())
        except Exception as error:
            _warn(self._folder.parent, getattr(error, "cause", error))


class _SealedFiles(IndexDataCacheFile):
    """Numba's files, each with a checksum of its content at its end, where Numba does not look."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        # What goes into the function is in the name of the folder, and needs no stamp.
        super().__init__(str(folder), name, source_stamp=None)

    def load(self, key: Any) -> Any:
        """As Numba does.

        Raises
        ------
        ValueError
            If a file is not as it was written. Machine code with a wrong bit may compute anything.
        """
        for path in _files_of(self._folder, self._name):
            content = path.read_bytes()
            if hashlib.sha256(content[:-_SEAL]).digest() != content[-_SEAL:]:
                raise ValueError(f"{path} is damaged")
        return super().load(key)

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[IO[bytes]]:
        with replacing(filepath) as temporary:
            with temporary.open("wb") as file:
                yield file
            content = temporary.read_bytes()
            temporary.write_bytes(content + hashlib.sha256(content).digest())


def _key(sig: Any, codegen: Any) -> tuple[Any, ...]:
    return sig, codegen.magic_tuple()


def compiled(
    parts: Iterable[Any], shape: Any, *functions: Callable[..., Any], **options: Any
) -> tuple[CachedKernel, ...]:
    """The functions as kernels that are compiled once on a machine.

    Parameters
    ----------
    parts : iterable of modules and classes
        What the functions are made of, beside their own file.
    shape
        All that the functions' closures hold, with a `repr` that tells it.
    *functions : callable
    **options
        Of `numba.njit`.
    """
    sources = [Path(inspect.getfile(part)) for part in (functions[0], *parts)]
    folder = cache_folder([source.read_bytes() for source in sources], shape)
    return tuple(CachedKernel(f, folder, error_model="numpy", **options) for f in functions)


def cache_folder(*key: Any) -> Path | None:
    """The cache folder for `key`; None if there can be none, and a warning.

    It is in ``$RKNET_CACHE``, or else in ``$NUMBA_CACHE_DIR``, or else in the user's cache folder.
    Machines can share it: each kind of processor has its own folder. One that can be read but not
    written is used.
    """
    root = kernel_cache()
    if root is None:
        _warn(None, "the user has no home folder")
        return None
    processor = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    python = sys.implementation.cache_tag
    everything = repr((key, numba.__version__, python, os.uname().machine, processor))
    name = hashlib.sha256(everything.encode()).hexdigest()[:16]
    folder = root / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if not os.access(folder, os.R_OK | os.X_OK):
            _warn(root, error)
            return None
    return folder


def _files_of(folder: Path, name: str) -> list[Path]:
    """Index and machine code of a function."""
    return [*folder.glob(f"{name}.nbi"), *folder.glob(f"{name}.*.nbc")]


#: The folders that this process has warned of.
_warned: set[Path | None] = set()


def _warn(folder: Path | None, why: Exception | str) -> None:
    """Say once that kernels cannot be kept in a folder."""
    if folder not in _warned:
        _warned.add(folder)
        warnings.warn(not_kept(folder, why), CacheWarning, stacklevel=2)
