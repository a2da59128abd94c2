"""Writing files so that nobody ever reads half of one, and checksums of their content."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from safetensors import SafetensorError


class WriteError(OSError):
    """A file cannot be written; the message names it and says what to do."""

    def __init__(self, path: str | Path, cause: Exception) -> None:
        super().__init__(
            f"{path} cannot be written ({cause}; {free_mebibytes(path):.1f} MiB are free there). "
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
        temporary.replace(path)
    except WriteError:
        raise
    except (OSError, SafetensorError) as error:
        raise WriteError(path, error) from None
    finally:
        with suppress(OSError):  # a folder that may not be written has no such file
            temporary.unlink(missing_ok=True)


def forget_future(*folders: str | Path) -> None:
    """Give files from the future the present time.

    They exist if the clock was set back. Snakemake discards files that are made from them, because
    such a file seems older than its input.
    """
    now = time.time()
    for path in (path for folder in folders for path in Path(folder).rglob("*")):
        with suppress(OSError):  # removed meanwhile, or somebody else's
            if path.stat().st_mtime > now:
                os.utime(path, (now, now))


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


@contextmanager
def open_log(path: str | Path) -> Iterator[TextIO]:
    """Open a log, to be written line by line.

    Raises
    ------
    WriteError
        If the disk is full, or may not be written.
    """
    try:
        with Path(path).open("w", encoding="utf-8") as log:
            yield log
    except OSError as error:
        # Unlike other errors, those of writing to an open file do not name one.
        if isinstance(error, WriteError) or error.filename not in (None, str(path)):
            raise
        raise WriteError(path, error) from None


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
