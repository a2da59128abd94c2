"""Look whether results are as they were made, and of the present code and config.

``python -m rknet.study.verify [CONFIGFILE]`` compares what `rknet.study.provenance` has written
down with what is there; ``make verify`` is short for it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rknet import datasets
from rknet.hashes import ROOT, file_hash
from rknet.study.code import CODE, CODE_HASH
from rknet.study.commands import configuration, reproduce
from rknet.study.config import Configuration, load
from rknet.study.provenance import code_now, read_provenance
from rknet.study.records import checked, read_record


class Finding(NamedTuple):
    """What is wrong with a file.

    Attributes
    ----------
    path : str
        From the folder of the results.
    kind : str
        One of `KINDS`.
    why : str
    """

    path: str
    kind: str
    why: str


#: What can be wrong, and what is said of it.
KINDS = {
    "damaged": "are missing, damaged, or changed since they were made",
    "outdated": "are not of the code and the config that are checked out",
}


def findings(known: Mapping[str, Any], setup: Configuration, results: Path) -> list[Finding]:
    """Everything that is wrong with results.

    Parameters
    ----------
    known : mapping
        What is written down of them, as `read_provenance` reads it.
    setup : Configuration
        The config that is checked out.
    results : Path
        The folder of the results.
    """
    now = code_now()
    edited = {path for path in now if now[path] != known["code"].get(path)}
    return [
        *_in_files(known["files"], edited, results),
        *_in_runs(known["runs"], setup, edited, results),
        *_in_datasets(results),
    ]


def _in_files(
    files: Mapping[str, Mapping[str, str]], edited: set[str], results: Path
) -> Iterator[Finding]:
    """What is wrong with tables, figures and all that is made of runs."""
    for path, about in files.items():
        if not (results / path).is_file():
            yield Finding(path, "damaged", "it is missing")
        elif file_hash(results / path) != about["sha256"]:
            yield Finding(path, "damaged", "its content has another checksum")
        changes = edited.intersection(CODE.get(about["rule"], ()))
        if changes:
            yield Finding(path, "outdated", _changed(changes))


def _in_runs(
    runs: Mapping[str, Mapping[str, Any]], setup: Configuration, edited: set[str], results: Path
) -> Iterator[Finding]:
    """What is wrong with the folders of runs, and which runs of the config are missing."""
    configured = {f"runs/{path}/run.json": run for path, run in setup.runs.items()}
    for path, about in runs.items():
        try:
            record = read_record(results / path)
            for name in record["files_sha256"]:
                checked(record, results / path.replace("run.json", name))
        except (FileNotFoundError, ValueError) as error:
            yield Finding(path, "damaged", str(error))
            continue
        if file_hash(results / path) != about["sha256"]:
            yield Finding(path, "damaged", "it was trained anew since the results were made")
        engine = record["setting"]["engine"]
        if path not in configured:
            yield Finding(path, "outdated", "no experiment of the config has it")
        elif setup.setting(configured[path]) != record["setting"]:
            yield Finding(path, "outdated", "the config means another setting by its name")
        if record["code"] != CODE_HASH[engine]:
            yield Finding(path, "outdated", _changed(edited.intersection(CODE[engine])))
    for experiment in setup.experiments.values():
        for run in experiment.runs:
            if (path := f"runs/{run.path}/run.json") not in runs:
                yield Finding(path, "outdated", f"the experiment {experiment.name} has it now")


def _in_datasets(results: Path) -> Iterator[Finding]:
    for path in sorted(results.glob("datasets/*/*.npz")):
        try:
            datasets.load(path, path.parent.name)
        except ValueError as error:
            yield Finding(str(path.relative_to(results)), "damaged", str(error))


def _changed(files: Iterable[str]) -> str:
    return f"changed since: {', '.join(sorted(files)) or 'the code that trained it'}"


def described(found: Sequence[Finding], results: Path) -> str:
    """The findings in words: files with the same reason together."""
    blocks = []
    for kind, words in KINDS.items():
        files = defaultdict(list)
        for finding in found:
            if finding.kind == kind:
                files[finding.why].append(str(results / finding.path))
        if files:
            count = len({path for paths in files.values() for path in paths})
            blocks.append(f"{count} {'files' if count > 1 else 'file'} {words}:")
            blocks += [
                "\n".join([f"- {why}", *(f"    {path}" for path in _shortened(paths))])
                for why, paths in files.items()
            ]
    return "\n".join(blocks)


def _shortened(paths: list[str], most: int = 10) -> list[str]:
    return paths if len(paths) <= most else [*paths[:most], f"and {len(paths) - most} more"]


def main(arguments: Sequence[str]) -> int:
    """Say what is wrong with the results; return the exit status, 1 if anything is.

    Parameters
    ----------
    arguments : sequence of str
        The configuration file that is put over the default one, if any.
    """
    try:
        setup = load(configuration(arguments), ROOT)
        results = Path(setup.results)
        known = read_provenance(results / "provenance.json")
        found = findings(known, setup, results)
    except FileNotFoundError as error:
        print(f"Nothing to verify: {error}; `{reproduce(arguments)}` makes it.")
        return 1
    except (OSError, ValueError) as error:
        print(f"Not verified: {error}")
        return 1
    print(
        f"{results / 'provenance.json'}, written {known['written']}: "
        f"{len(known['runs'])} runs and {len(known['files'])} files."
    )
    if not found:
        print("All are as they were made, and of the code and the config that are checked out.")
        return 0
    print(described(found, results))
    print(f"Delete them, and `{reproduce(arguments)}` makes them anew.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
