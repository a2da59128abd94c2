"""Checkpoints: a run that is killed goes on after the last epoch it finished.

A checkpoint is one safetensors file beside a run's results: what the engine needs to go on, and in
the header the history so far, what the run is, and a digest of it all. No random state is in it:
the batch order of an epoch follows from the seed and the epoch (`rknet.seeds`).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from rknet.files import replacing

if TYPE_CHECKING:
    from rknet.engines.base import Engine, Metrics

#: Shorter epochs are sooner trained again than kept.
LONG_EPOCH_SECONDS = 5.0


class Checkpoint:
    """Where a run keeps what it needs to go on.

    Parameters
    ----------
    path : str or Path
        The file, ending in ``.safetensors``.
    run : dict
        All that decides the run's numbers: a checkpoint of another run is not gone on with.
    log : text file, optional
        Is told whatever happens.
    """

    def __init__(self, path: str | Path, run: dict[str, Any], log: TextIO = sys.stderr) -> None:
        self._path, self._log = Path(path), log
        self._run = hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()

    def resume(self, engine: Engine) -> list[tuple[float, ...]]:
        """Put `engine` where the checkpoint is and return the metrics of the epochs so far.

        Without a checkpoint, or with one that is damaged or of another run, the engine stays as it
        is and there are none.
        """
        # What a process that was killed while it wrote has left, and what safetensors, which names
        # its files so while it writes them, has.
        for pattern in (f".{self._path.stem}.*.part{self._path.suffix}", ".tmp??????"):
            for part in self._path.parent.glob(pattern):
                part.unlink(missing_ok=True)
        if not self._path.exists():
            return []
        try:
            header = self._checked()
            history = [tuple(metrics) for metrics in json.loads(header["history"])]
        except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
            aside = self._path.with_name(self._path.name + ".corrupt")
            self._path.replace(aside)
            self._say(f"{self._path} is damaged ({error}): starting anew; it is now {aside.name}")
            return []
        if header["run"] != self._run:
            self._path.unlink()
            self._say(f"{self._path} is of another setting, dataset or code: starting anew")
            return []
        for name, array in self._arrays():
            engine.restore(name, array)
        self._say(f"going on after epoch {len(history) - 1}, from {self._path}")
        if header["threads"] != str(engine.threads):
            # Hours of training are worth more than the last digits.
            self._say(
                f"number of threads: so far {header['threads']}, now {engine.threads}; "
                "the last digits may not be those of an uninterrupted run"
            )
        return history

    def keep(self, engine: Engine, history: list[Metrics], seconds: float) -> None:
        """Write the checkpoint, if the last epoch took so long (`seconds`) that it is worth it.

        What cannot be written is only said: the run itself goes on.
        """
        if seconds < LONG_EPOCH_SECONDS:
            return
        arrays, threads = engine.state(), str(engine.threads)
        header = {"run": self._run, "threads": threads, "history": json.dumps(history)}
        header["sha256"] = _digest(header, sorted(arrays.items()))
        try:
            with replacing(self._path) as temporary:
                save_file(arrays, temporary, header)
        except (SafetensorError, OSError) as error:
            self._say(f"no checkpoint: {error}")

    def remove(self) -> None:
        """Remove the file: the run is finished."""
        self._path.unlink(missing_ok=True)

    def _checked(self) -> dict[str, str]:
        """The file's header.

        Raises
        ------
        SafetensorError, OSError, KeyError, ValueError, TypeError
            If the file is not as it was written.
        """
        with safe_open(self._path, framework="numpy") as file:
            header = file.metadata()
        if _digest(header, self._arrays()) != header["sha256"]:
            raise ValueError("its content does not have the digest in its header")
        return header

    def _arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        # Mapped, all of the file would be in memory in the end; read, one array at a time is.
        with safe_open(self._path, framework="numpy", backend="pread") as file:
            for name in sorted(file.keys()):
                yield name, file.get_tensor(name)

    def _say(self, message: str) -> None:
        print(message, file=self._log, flush=True)


def _digest(header: dict[str, str], arrays: Iterable[tuple[str, np.ndarray]]) -> str:
    """Digest of what the header says and of the arrays, which are in the order of their names."""
    digest = hashlib.sha256()
    for key in ("run", "threads", "history"):
        digest.update(f"{header[key]}\n".encode())
    for name, array in arrays:
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
