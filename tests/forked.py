"""Commands in processes forked from one that has imported what they need.

To import Snakemake and what it needs takes longer than to plan a small workflow: 1.3 of the 2.1 s
that a dry run took. The project's own modules are not imported: they are those of a test's copy.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TESTS = Path(__file__).parent
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [
        *("forked", "snakemake.cli", "snakemake.report.html_reporter"),
        *("jinja2", "jsonschema", "pandas", "safetensors.numpy", "smart_open", "yte"),
    ]
)


class Forked:
    """``python -m module arguments`` at work, with the methods of `subprocess.Popen` that are used.

    Parameters
    ----------
    command : sequence of str
        The module and its arguments.
    folder : Path
        Where it runs.
    env : mapping
        All its variables.
    output : str
        The file that gets its output and errors.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, env: Mapping[str, str], output: str
    ) -> None:
        self._process = _SERVER.Process(target=_run, args=(command, folder, dict(env), output))
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """How it ended, or None."""
        return self._process.exitcode

    def wait(self) -> int:
        """Wait for its end; return how that was."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def _run(command: Sequence[str], folder: Path, env: dict[str, str], output: str) -> None:
    """Become what ``python -m`` would be."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    with open(output, "ab", buffering=0) as file:  # noqa: PTH123  # a descriptor is wanted
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    here = {str(TESTS.parent), ""}
    paths = [p for p in sys.path if p not in here and not Path(p).is_relative_to(TESTS)]
    sys.path[:] = [str(folder), *env["PYTHONPATH"].split(os.pathsep), *paths]
    sys.argv = list(command)
    sys.dont_write_bytecode = bool(env.get("PYTHONDONTWRITEBYTECODE"))
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
