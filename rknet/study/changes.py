"""Finds what has changed since a result was made: its code, its inputs or its setting."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from rknet.files import file_hash
from rknet.study.archive.taken import KEY, origin
from rknet.study.config import Configuration
from rknet.study.fingerprints import fingerprint
from rknet.study.provenance import made_by, read_provenance
from rknet.study.records import job_records, located, read_record, within

#: Values longer than this are not shown.
_LONGEST = 60


def code_changes(code: Mapping[str, Any] | None, results: str | Path) -> list[str]:
    """The definitions that have changed, in words; none if the code is the same.

    Parameters
    ----------
    code : mapping or None
        Digest and roots, as a record has them; the record of a run may have none.
    results : str or Path
        The folder of the results. It holds the list of definitions that the digest stands for.
    """
    if not code:
        return ["its record does not say what code made it"]
    try:
        now = fingerprint(code["roots"])
    except (OSError, ValueError) as error:
        return [str(error)]
    if now.digest == code["digest"]:
        return []
    try:
        noted = Path(results, "code", f"{code['digest']}.json").read_text(encoding="utf-8")
        before = json.loads(noted)["parts"]
    except (OSError, ValueError, KeyError):
        return ["its code; no list of its former definitions was kept"]
    words = {
        "changed": [part for part in before if now.parts.get(part, before[part]) != before[part]],
        "new": now.parts.keys() - before.keys(),
        "gone": before.keys() - now.parts.keys(),
    }
    return [
        f"{what}: {', '.join(shortened(sorted(parts)))}" for what, parts in words.items() if parts
    ]


def setting_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The settings of a run that have changed though its path is the same, in words."""
    names = [n for n in dict.fromkeys([*before, *now]) if before.get(n) != now.get(n)]
    words = []
    for name in names:
        pair = (repr(before.get(name)), repr(now.get(name)))
        short = max(map(len, pair)) <= _LONGEST
        words.append(f"{name}: {pair[0]} is now {pair[1]}" if short else f"{name} has changed")
    return words


def shortened(names: Sequence[str], most: int = 10) -> list[str]:
    """The first names of a list, and the number of those left out."""
    return list(names) if len(names) <= most else [*names[:most], f"and {len(names) - most} more"]


class History:
    """The records of all results in a folder.

    Parameters
    ----------
    setup : Configuration
        The present config, which names the folder.
    """

    def __init__(self, setup: Configuration) -> None:
        self._setup, self._results = setup, Path(setup.results)
        self._made: dict[str, dict[str, Any]] = {}
        for _, record in job_records(self._results):
            if not isinstance(record, ValueError):
                self._made |= dict.fromkeys(record["outputs"], record)

    def explain(self, path: str | Path) -> str:
        """Says in words what has changed since a file was made, or that nothing has."""
        name = within(path, self._results)
        try:
            record = self._record(name)
        except ValueError as error:
            return str(error)
        if record is None:
            there = "" if Path(path).exists() else ", and it does not exist"
            return (
                f"{path}: no record says how it was made{there}. Only files that the workflow made "
                f"in {self._results} have one; for results elsewhere, name their config: --config."
            )
        said = (
            f"{path} was taken from the archive; trained on {origin(record)}"
            if KEY in record
            else f"{path} was made by the rule {record['rule']}"
        )
        if record.get("written"):
            said += f", {record['written']}"
        found = self._changed(name)
        if not found:
            return f"{said}. Nothing has changed since: neither its code nor its inputs."
        lines = [f"{said}. Since then:"]
        for reasons, names in found.items():
            many = len(names) > 1
            lines.append(f"{len(names)} files such as {names[0]}:" if many else f"{names[0]}:")
            lines += [f"    {reason}" for reason in reasons]
        return "\n".join(lines)

    def is_unchanged(self, path: str | Path) -> bool:
        """Whether a file has a record, and neither its code nor its inputs have changed since."""
        name = within(path, self._results)
        try:
            return self._record(name) is not None and not self._changed(name)
        except ValueError:
            return False

    def _changed(self, name: str) -> dict[tuple[str, ...], list[str]]:
        """The file and the results that it depends on, grouped by what has changed in them."""
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        seen, waiting = {name}, [name]
        while waiting:
            at = waiting.pop(0)
            if reasons := self._reasons_for(at):
                found[tuple(reasons)].append(at)
            for source in self._inputs(at):
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
        return found

    def _record(self, name: str) -> dict[str, Any] | None:
        """The record of the job that made a file; a run's is given the form of other jobs'."""
        path = self._results / name
        if Path(name).parts[:1] != ("runs",):
            return self._made.get(name)
        try:
            record = read_record(path.with_name("run.json"))
        except FileNotFoundError:
            return None
        folder = Path(name).parent
        outputs = {str(folder / file): sha for file, sha in record["files_sha256"].items()}
        dataset, inputs = record.get("dataset_file"), {}
        # A run on images that was taken from the archive did not need it here.
        if dataset and (KEY not in record or located(dataset, self._results).exists()):
            inputs = {dataset: record["dataset_sha256"]}
        return {**record, "rule": "train", "outputs": outputs, "inputs": inputs}

    def _inputs(self, name: str) -> Iterable[str]:
        try:
            record = self._record(name)
        except ValueError:
            return ()
        return record["inputs"] if record else ()

    def _reasons_for(self, name: str) -> list[str]:
        try:
            record = self._record(name)
        except ValueError as error:
            return [str(error)]
        if record is None:
            return []
        return [
            *self._damage(name, record["outputs"].get(name)),
            *code_changes(record.get("code"), self._results),
            *self._settings(name, record),
            *self._other_inputs(record["inputs"]),
        ]

    def _damage(self, name: str, sha256: str | None) -> Iterator[str]:
        path = located(name, self._results)
        if not path.exists():
            yield "it is missing"
        elif sha256 is not None and file_hash(path) != sha256:
            yield "its content is not what was made: it was damaged or changed"

    def _settings(self, name: str, record: Mapping[str, Any]) -> list[str]:
        if "setting" not in record:
            return []
        path = str(Path(*Path(name).parts[1:-1]))
        for setup in (self._setup, self._made_by):
            if setup is not None and path in setup.runs:
                return setting_changes(record["setting"], setup.setting(setup.runs[path]))
        return ["no experiment in the config has this run any more"]

    @cached_property
    def _made_by(self) -> Configuration | None:
        """The config that made the results; None if nothing says which, or it is of no use now."""
        try:
            return made_by(read_provenance(self._results / "provenance.json"))
        except (OSError, ValueError):
            return None

    def _other_inputs(self, inputs: Mapping[str, str]) -> Iterator[str]:
        """The inputs that are missing or have changed, in words."""
        for what, changed in (("missing", False), ("changed", True)):
            names = [
                name
                for name, sha256 in inputs.items()
                if (path := located(name, self._results)).exists() == changed
                and not (changed and file_hash(path) == sha256)
            ]
            if names:
                yield f"{what} inputs: {', '.join(shortened(names, 3))}"
