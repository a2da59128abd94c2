"""Writing files so that nobody ever reads half of one, and checksums of their content."""

from __future__ import annotations

import errno
import glob
import hashlib
import io
import json
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from safetensors import SafetensorError

#: What file systems say that cannot sync.
_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)


class WriteError(OSError):
    """A file cannot be written; the message names it and says what to do."""

    def __init__(self, path: str | Path, cause: Exception) -> None:
        self.cause = cause
        # Errors of safetensors have the words only.
        full = os.strerror(errno.ENOSPC) in str(cause)
        free = f"; {free_mebibytes(path):.1f} MiB are free there" if full else ""
        super().__init__(
            f"{path} cannot be written ({cause}{free}). "
            "Nothing that was there before is lost: make room, or the folder writable, and run the "
            "same command again."
        )


def free_mebibytes(path: str | Path) -> float:
    """The free space on the disk of a file or folder, which need not exist yet."""
    # Unlike Path.exists, this raises no error inside a folder that may not be searched.
    there = (p for p in (path, *Path(path).absolute().parents) if os.access(p, os.F_OK))
    return shutil.disk_usage(next(there)).free / 2**20


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary name in the same folder, and rename it to `path` if the block succeeds.

    When this returns, the file is on the disk, and a power failure does not take it: what is
    written next, such as a record, never says more than is there.

    Parameters
    ----------
    path : str or Path
        The file to make; its folder is made if it does not exist.

    Yields
    ------
    Path
        The file to write. On an exception it is removed, and `path` stays as it was.

    Raises
    ------
    WriteError
        If the disk is full, or may not be written.
    """
    path = Path(path)
    # The suffix stays last: some writers choose their format by it.
    before, after = f".{path.stem}.{platform.node()}.", f".part{path.suffix}"
    temporary = path.with_name(f"{before}{os.getpid()}{after}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path.parent, before, after)
        yield temporary
        _sync(temporary)
        temporary.replace(path)
        # Some systems cannot do this to a folder.
        with suppress(OSError):
            _sync(path.parent)
    except WriteError:
        raise
    except (OSError, SafetensorError) as error:
        raise WriteError(path, error) from None
    finally:
        with suppress(OSError):  # a folder that may not be written has no such file
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until what was written to a file, or to the list of a folder's files, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)


def forget_future(*folders: str | Path) -> None:
    """Give files from the future the present time.

    They exist if the clock was set back. Snakemake discards files that are made from them, because
    such a file seems older than its input.
    """
    now = time.time()
    for path in _files(*folders):
        with suppress(OSError):  # removed meanwhile, or somebody else's
            if path.stat().st_mtime > now:
                os.utime(path, (now, now))


def remove_leftovers(*folders: str | Path) -> None:
    """Remove from folders the temporary files of processes on this machine that were killed.

    `replacing` does so for the file it writes. But nobody may write that one again: another process
    wrote it at the same time and was not killed, or the killed one's result is wanted no longer.
    """
    part = re.compile(rf"(\..*\.{re.escape(platform.node())}\.)[0-9]{{1,9}}(\.part(\.[^.]*)?)")
    for path in _files(*folders):
        if found := part.fullmatch(path.name):
            with suppress(OSError, ValueError):  # somebody else's, or of no process
                _remove_leftovers(path.parent, found[1], found[2])


def _files(*folders: str | Path) -> Iterator[Path]:
    """All files in folders. What is removed meanwhile is left out."""
    for folder in folders:
        for at, _, names in os.walk(folder):
            yield from (Path(at, name) for name in names)


def _remove_leftovers(folder: Path, before: str, after: str) -> None:
    """Remove the temporary files of processes on this machine that were killed while writing.

    The files' names have the process number between `before` and `after`.
    """
    for part in folder.glob(f"{glob.escape(before)}*{glob.escape(after)}"):
        process = part.name.removeprefix(before).removesuffix(after)
        if process.isdigit() and not _is_alive(int(process)):
            part.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


class _LogFile(io.FileIO):
    """A file whose errors of writing name it; Python's own name none."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise WriteError(self.name, error) from None


@contextmanager
def open_log(path: str | Path) -> Iterator[TextIO]:
    """Open a log, to be written line by line.

    Raises
    ------
    WriteError
        If the disk is full, or may not be written.
    """
    try:
        file = _LogFile(path, "w")
    except OSError as error:
        raise WriteError(path, error) from None
    # The name of a folder may have bytes that are no text.
    with io.TextIOWrapper(
        io.BufferedWriter(file), encoding="utf-8", errors="backslashreplace"
    ) as log:
        yield log


def write_text(path: str | Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | Path, value: dict[str, Any]) -> None:
    """Write `value` to `path` as indented JSON, whole or not at all; NaN is refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file's content, as hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def array_hash(arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of named arrays: their names, types, shapes and numbers; order does not count."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
