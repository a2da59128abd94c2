"""Checkpoints: a killed run continues after the last epoch that it finished.

A checkpoint is one safetensors file in the folder of a run's results. It holds the state that the
engine needs to continue; its header holds the history so far, the run's identity, and a digest of
everything. It needs no random state, because the batch order of an epoch follows from the seed and
the epoch (`rknet.seeds`).
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

#: Shorter epochs are not kept: training them again is faster.
LONG_EPOCH_SECONDS = 5.0


class Checkpoint:
    """The file in which a run keeps what it needs to continue.

    Parameters
    ----------
    path : str or Path
        The file, ending in ``.safetensors``.
    run : dict
        Everything that decides the run's numbers. The checkpoint of another run is not used.
    log : text file, optional
        Gets a line about everything that happens.
    """

    def __init__(self, path: str | Path, run: dict[str, Any], log: TextIO = sys.stderr) -> None:
        self._path, self._log = Path(path), log
        self._run = hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()

    def resume(self, engine: Engine) -> list[tuple[float, ...]]:
        """Restore `engine` from the checkpoint and return the metrics of the epochs so far.

        If there is no checkpoint, or it is damaged or of another run, the engine stays as it is and
        there are no metrics.
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
            self._say(f"{self._path} is damaged ({error}): starting over; it is now {aside.name}")
            return []
        if header["run"] != self._run:
            self._path.unlink()
            self._say(f"{self._path} is of another setting, dataset or code: starting over")
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
        """Write the checkpoint, if the last epoch took long enough (`seconds`) to be worth it.

        If it cannot be written, the log says so and the run continues.
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
        return header  # type: ignore[no-any-return]  # safetensors has no types

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
