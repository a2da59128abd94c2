"""A copy of the project in which a test may run, edit and break things."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from textwrap import indent
from typing import IO

import yaml
from forked import Forked

ROOT = Path(__file__).parent.parent

#: What a checkout that has been used has in addition.
MADE = (".venv*", ".snakemake", "results", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info")

#: Four runs of two epochs.
EXPERIMENT = {
    "name": "depth",
    "dataset": "spiral",
    "network": "RK4Net",
    "width": 4,
    "depth": [1, 2],
    "epochs": 2,
    "seeds": 2,
}
TINY = {"experiments": [EXPERIMENT]}

#: Results that hold times, or say where they were made.
TIMED = (
    *("benchmarks/", "costs/", "logs/", "records/"),
    *("pages/provenance", "pages/runs", "provenance.json"),
)
#: Likewise, in the record of a run.
PROVENANCE = {
    *("wall_time_seconds", "cpu_time_seconds", "peak_memory_mib", "resumed_after_epoch"),
    *("versions", "commit", "dirty", "hardware", "sha256"),
}

#: What a table of jobs names in addition to those that make something.
TARGETS = ("all", "total", "beyond", "depth", "my_study", "pictures")

#: What shows an experiment that no table of the paper shows.
SHOWN = {"curves": 1, "show_experiment": 1}

#: Put after the training script, it notes what its job was given.
GIVEN = """
import json, os
from pathlib import Path
import numba, threadpoolctl, torch

pools = {pool["internal_api"]: pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
for log in snakemake.log:
    Path(log).with_suffix(".given").write_text(json.dumps({
        "threads": snakemake.threads,
        "found": {"numba": numba.get_num_threads(), "torch": torch.get_num_threads(), **pools},
        "job": os.environ.get("SLURM_JOB_ID"),
        "gpus": os.environ.get("CUDA_VISIBLE_DEVICES"),
    }))
"""


@dataclass
class Outcome:
    """How an invocation of Snakemake ended."""

    code: int
    output: str

    @property
    def batches(self) -> dict[str, int]:
        """Of each job that trains runs on points, by its first run, how many."""
        jobs = re.findall(r"^(?:Job \d+: )?train (\d+) runs?: (\S+)", self.output, re.M)
        return {first: int(count) for count, first in jobs}

    @property
    def jobs(self) -> dict[str, int]:
        """Jobs by rule, those that make something: targets are left out.

        By `train`, the number of runs on points that are trained, not of the jobs they share; by
        `draw`, `restore` and `tabulate`, the jobs whose rules begin so.
        """
        table = re.search(r"Job stats:\n.*\n[- ]+\n((?:.+\n)+)", self.output)
        found: Counter[str] = Counter()
        for rule, count in map(str.split, table[1].splitlines() if table else []):
            kind = re.match("draw|restore|tabulate", rule)
            if not re.fullmatch(r"train_\w+_\d+", rule):
                found[kind[0] if kind else rule] += int(count)
        if trained := sum(self.batches.values()):
            found["train"] = trained
        return {rule: count for rule, count in found.items() if rule not in TARGETS}


@dataclass
class Invocation:
    """Snakemake at work."""

    process: subprocess.Popen | Forked
    file: IO[bytes]

    @property
    def output(self) -> str:
        """What it has said so far."""
        return Path(self.file.name).read_text(encoding="utf-8", errors="backslashreplace")

    def outcome(self) -> Outcome:
        """Wait for its end."""
        code = self.process.wait()
        with self.file:
            return Outcome(code, self.output)


class Project:
    """The project, copied to `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: Variables that commands find in addition, or with another value, from their very start.
        self.env: dict[str, str] = {}
        #: A program that runs commands, with its arguments, and where they run.
        self.prefix: list[str] = []
        self.working_folder = folder

    @classmethod
    def copied(cls, folder: Path) -> Project:
        """Copy what git tracks or would track; without git, what is not made by running it."""
        if not (ROOT / ".git").exists():
            shutil.copytree(ROOT, folder, symlinks=True, ignore=shutil.ignore_patterns(*MADE))
            return cls(folder)
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout.split("\0")
        for name in filter(None, listed):
            # What the archive holds is no test's concern.
            kept = name.startswith("archive/") and name != "archive/README.md"
            if os.path.lexists(ROOT / name) and not kept:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
        return cls(folder)

    def duplicate(self, folder: Path) -> Project:
        """Copy everything, results and Snakemake's records too, with times of modification."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project(folder)

    def run(self, *arguments: str, config: dict | None = None, cores: int = 2) -> Outcome:
        """Run ``snakemake --cores … arguments`` with a configuration over the default one."""
        return self.start(*arguments, config=config, cores=cores).outcome()

    def start(self, *arguments: str, config: dict | None = None, cores: int = 2) -> Invocation:
        """Begin what `run` does, and let it go on."""
        command = ["snakemake", "--cores", str(cores), *arguments, "--configfile"]
        return self._module(*command, config=config)

    def verify(self, config: dict | None = None) -> Outcome:
        """Run ``make verify`` with a configuration over the default one."""
        return self._module("rknet", "verify", config=config).outcome()

    def why(self, *files: str, config: dict | None = None) -> str:
        """What ``rknet why`` says of files with a configuration over the default one."""
        outcome = self._module("rknet", "why", *files, "--config", config=config).outcome()
        assert outcome.code == 0, outcome.output
        return outcome.output

    def rknet(self, *command: str) -> Outcome:
        """Run ``rknet command`` as it is."""
        return self.command("rknet", *command)

    def command(self, *command: str) -> Outcome:
        """Run a module's command as it is."""
        return self._started(*command).outcome()

    def _module(self, *command: str, config: dict | None) -> Invocation:
        """Begin a module's command, whose last argument is the configuration."""
        file = self.folder / "test.yaml"
        file.write_text(yaml.safe_dump(TINY if config is None else config))
        return self._started(*command, os.path.relpath(file, self.working_folder))

    def _started(self, *command: str) -> Invocation:
        # The copy's own library, not the one installed; and no colours.
        env = {**os.environ, "PYTHONPATH": str(self.folder), "NO_COLOR": "1", "TERM": "dumb"}
        # Hundreds of jobs import the copy's modules: they are compiled once, whatever is set here.
        env |= {"PYTHONDONTWRITEBYTECODE": "", **self.env}
        output = NamedTemporaryFile()  # noqa: SIM115  # read as long as Snakemake writes
        if not self.env and not self.prefix:
            return Invocation(Forked(command, self.working_folder, env, output.name), output)
        process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", *command],
            cwd=self.working_folder,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        return Invocation(process, output)

    def note_what_jobs_are_given(self) -> None:
        """Let every training job do so, for `given`."""
        script = self.folder / "workflow/scripts/train.py"
        trained, noted = (indent(code, "    ") for code in (script.read_text(), GIVEN))
        # Even if a run fails.
        script.write_text(f"try:\n{trained}\nfinally:\n{noted}")

    def given(self, run: str) -> dict:
        """What the job that trained a run was given, and the threads that libraries had there."""
        return json.loads((self.folder / f"results/logs/train/{run}.given").read_text())

    def edit(self, name: str, before: str = "", after: str = "\n# edited\n") -> None:
        """Change a file's content: at its end if nothing else is said, where it does nothing."""
        path = self.folder / name
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after, 1) if before else text + after)

    def final_results(self) -> dict[str, object]:
        """The result files by name, without times and provenance."""
        results = self.results("**/*")
        # The page of an experiment says what its runs cost.
        timed = (*TIMED, *(f"pages/{Path(name).stem}.html" for name in self.results("costs/*")))
        found: dict[str, object] = {
            name: content for name, content in results.items() if not name.startswith(timed)
        }
        for name in found:
            if name.endswith("/run.json"):
                record = json.loads(found[name])
                found[name] = {key: record[key] for key in record.keys() - PROVENANCE}
        return found

    def results(self, pattern: str) -> dict[str, bytes]:
        """Content of the result files that match, by name."""
        folder = self.folder / "results"
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.glob(pattern))
            if path.is_file()
        }


def assert_a_part(found: dict[str, object], wanted: dict[str, object]) -> None:
    """Check that all final results found are as in an undisturbed run, which may have more."""
    extra = sorted(found.keys() - wanted.keys())
    assert not extra, extra
    other = [name for name in found if found[name] != wanted[name]]
    assert not other, other
