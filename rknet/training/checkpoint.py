"""Checkpoints: a run that is killed goes on after the last epoch it finished.

A checkpoint is one safetensors file beside a run's results: what the engine needs to go on, and in
the header the history so far, what the run is, and a digest of it all. No random state is in it:
the batch order of an epoch follows from the seed and the epoch (`rknet.seeds`).
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from rknet.files import replacing

if TYPE_CHECKING:
    from rknet.training.protocol import Engine, Metrics

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
        # What a process that was killed while it wrote has left.
        for part in self._path.parent.glob(f".{self._path.stem}.*.part{self._path.suffix}"):
            part.unlink(missing_ok=True)
        if not self._path.exists():
            return []
        try:
            run, history = self._checked()
        except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
            aside = self._path.with_name(self._path.name + ".corrupt")
            self._path.replace(aside)
            self._say(f"{self._path} is damaged ({error}): starting anew; it is now {aside.name}")
            return []
        if run != self._run:
            self._path.unlink()
            self._say(f"{self._path} is of another setting, dataset or code: starting anew")
            return []
        for name in self._names():
            engine.restore(name, self._array(name))
        self._say(f"going on after epoch {len(history) - 1}, from {self._path}")
        return history

    def keep(self, engine: Engine, history: list[Metrics], seconds: float) -> None:
        """Write the checkpoint, if the last epoch took so long (`seconds`) that it is worth it.

        What cannot be written is only said: the run itself goes on.
        """
        if seconds < LONG_EPOCH_SECONDS:
            return
        arrays, text = engine.state(), json.dumps(history)
        digest = _digest(self._run, text)
        for name in sorted(arrays):
            _add_array(digest, name, arrays[name])
        header = {"run": self._run, "history": text, "sha256": digest.hexdigest()}
        try:
            with replacing(self._path) as temporary:
                save_file(arrays, temporary, header)
        except (SafetensorError, OSError) as error:
            self._say(f"no checkpoint: {error}")

    def remove(self) -> None:
        """Remove the file: the run is finished."""
        self._path.unlink(missing_ok=True)

    def _checked(self) -> tuple[str, list[tuple[float, ...]]]:
        """Run and history of the file.

        Raises
        ------
        SafetensorError, OSError, KeyError, ValueError, TypeError
            If it is not as it was written.
        """
        with safe_open(self._path, framework="numpy") as file:
            header = file.metadata()
        digest = _digest(header["run"], header["history"])
        for name in self._names():
            _add_array(digest, name, self._array(name))
        if digest.hexdigest() != header["sha256"]:
            raise ValueError("its content does not have the digest in its header")
        return header["run"], [tuple(metrics) for metrics in json.loads(header["history"])]

    def _names(self) -> list[str]:
        with safe_open(self._path, framework="numpy") as file:
            return sorted(file.keys())

    def _array(self, name: str) -> np.ndarray:
        # The file is opened anew each time, or all of it would be in memory in the end.
        with safe_open(self._path, framework="numpy") as file:
            return file.get_tensor(name)

    def _say(self, message: str) -> None:
        print(message, file=self._log, flush=True)


def _digest(run: str, history: str) -> Any:
    return hashlib.sha256(f"{run}\n{history}\n".encode())


def _add_array(digest: Any, name: str, array: np.ndarray) -> None:
    digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
    digest.update(np.ascontiguousarray(array).data)
