"""Check that results are undamaged, and match the present code and the config that made them.

``rknet verify [CONFIGFILE or FOLDER]`` compares records with files; ``make verify`` runs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rknet import datasets
from rknet.files import file_hash
from rknet.study.archive.taken import KEY
from rknet.study.changes import code_changes, setting_changes, shortened
from rknet.study.config import Configuration, ConfigurationError, load
from rknet.study.config_files import configuration, reproduce
from rknet.study.provenance import made_by, read_provenance
from rknet.study.records import checked, job_records, located, read_record
from rknet.study.roots import dataset_digest, run_roots


class Problem(NamedTuple):
    """A problem with a file.

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


#: The kinds of problems, and their description.
KINDS = {
    "damaged": "missing, damaged, or changed since they were made",
    "unrecorded": "unchanged, but without the record that says what code made them",
    "outdated": "not made by the present code, or from what is there now",
    "extra": "valid, and not part of what was made last, which does no harm",
}


def problems(known: Mapping[str, Any], setup: Configuration, results: Path) -> list[Problem]:
    """All problems with results.

    Parameters
    ----------
    known : mapping
        The content of ``results/provenance.json``, as `read_provenance` reads it.
    setup : Configuration
        The config that made them.
    results : Path
        The folder of the results.
    """
    return [
        *_in_files(known["files"], setup, results),
        *_in_runs(known["runs"], setup, results),
        *_in_datasets(results),
    ]


def _in_files(known: Mapping[str, Any], setup: Configuration, results: Path) -> Iterator[Problem]:
    """The problems with everything that jobs have made, except runs."""
    unrecorded = dict.fromkeys(known)
    for path, record in job_records(results):
        if isinstance(record, ValueError):
            yield Problem(str(path.relative_to(results)), "damaged", str(record))
            continue
        outputs = record["outputs"]
        if all(_is_left_over(name, setup) for name in outputs):
            continue
        for name in outputs:
            unrecorded.pop(name, None)
            if (why := _damage(results / name, outputs[name])) is not None:
                yield Problem(name, "damaged", why)
        changes = code_changes(record["code"], results)
        others = [
            name
            for name, sha256 in record["inputs"].items()
            if _damage(located(name, results), sha256) is not None
        ]
        for name in outputs:
            if changes:
                yield Problem(name, "outdated", _since(changes))
            for other in others[:1]:
                yield Problem(name, "outdated", f"{other} has changed since it was made from it")
    for name in unrecorded:
        why = _damage(results / name, known[name]["sha256"])
        yield Problem(
            name, "damaged" if why else "unrecorded", why or "no record says how it was made"
        )


def _is_left_over(name: str, setup: Configuration) -> bool:
    """Whether it is a dataset that old code or an old config drew, and that nothing needs now."""
    folder, *rest = Path(name).parts
    if folder != "datasets" or not name.endswith(".npz"):
        return False
    try:
        drawables = setup.drawables(rest[0])
    except ValueError:
        return True
    return Path(name).stem.rpartition("-")[2] not in map(dataset_digest, drawables)


def _damage(path: Path, sha256: str) -> str | None:
    if not path.is_file():
        return "it is missing"
    return None if file_hash(path) == sha256 else "its content has another checksum"


def _in_runs(known: Mapping[str, Any], setup: Configuration, results: Path) -> Iterator[Problem]:
    """The problems with the folders of runs, and the runs of the config that are missing."""
    configured = {f"runs/{path}/run.json": run for path, run in setup.runs.items()}
    there = {str(path.relative_to(results)) for path in results.glob("runs/*/*/*/*/run.json")}
    for path in sorted(there | known.keys()):
        try:
            record = read_record(results / path)
            for name in record["files_sha256"]:
                checked(record, results / path.replace("run.json", name))
        except FileNotFoundError as error:
            # A run that no experiment has any more may be missing.
            if path in configured or path in there:
                yield Problem(path, "damaged", str(error))
            continue
        except ValueError as error:
            yield Problem(path, "damaged", str(error))
            continue
        if path not in configured:
            yield Problem(path, "extra", "another config, or an experiment by itself, made it")
            continue
        run = configured[path]
        if setting_changes(record["setting"], setup.setting(run)):
            yield Problem(path, "outdated", "its name means another setting now")
        if setup.archive == "accept older code" and record.get(KEY, {}).get("older"):
            continue
        code, roots = record.get("code"), run_roots(run.cell, setup.networks[run.cell.network])
        if changes := code_changes(code and {**code, "roots": sorted(roots)}, results):
            yield Problem(path, "outdated", _since(changes))


def _in_datasets(results: Path) -> Iterator[Problem]:
    for path in sorted(results.glob("datasets/*/*.npz")):
        try:
            datasets.load(path, path.parent.name)
        except ValueError as error:
            yield Problem(str(path.relative_to(results)), "damaged", str(error))


def _since(changes: Sequence[str]) -> str:
    return f"since then {'; '.join(changes)}"


def described(found: Sequence[Problem], results: Path) -> str:
    """The problems in words, with files that have the same reason together."""
    blocks = []
    for kind, words in KINDS.items():
        files = defaultdict(list)
        for problem in found:
            if problem.kind == kind:
                files[problem.why].append(str(results / problem.path))
        if files:
            count = len({path for paths in files.values() for path in paths})
            blocks.append(f"{f'{count} files are' if count > 1 else '1 file is'} {words}:")
            blocks += [
                "\n".join([f"- {why}", *(f"    {path}" for path in shortened(paths))])
                for why, paths in files.items()
            ]
    return "\n".join(blocks)


def advice(found: Sequence[Problem], command: str) -> list[str]:
    """What to do about the problems, in words."""
    kinds = {problem.kind for problem in found}
    words = []
    if "damaged" in kinds:
        words.append(f"Delete the damaged files, and `{command}` makes them again.")
    if "unrecorded" in kinds:
        words.append(
            "Bring the folder `records` of the results back from where they were made. Without it, "
            "`snakemake --force FILE` makes a file and its record again."
        )
    if "outdated" in kinds:
        words.append(
            f"`{command}` makes outdated results again if the config asks for them; you need not "
            "delete anything. `rknet why FILE` says more."
        )
    return words


def _made_by(known: Mapping[str, Any], present: Configuration | None) -> Configuration:
    """The configuration that made results, whatever the present one is.

    Raises
    ------
    ValueError
        If it can be used no longer, and there is no present one that could stand for it.
    """
    try:
        return made_by(known)
    except ConfigurationError as error:
        if present is None:
            raise ConfigurationError(f"the config that made the results: {error}") from error
        print(f"Compared with the present config, as the one that made the results fails: {error}")
        return present


def _to_be_made(present: Configuration, results: Path) -> list[str]:
    """The runs of the present config that are not there, experiment by experiment, in words."""
    words = []
    for experiment in present.experiments.values():
        records = [results / "runs" / run.path / "run.json" for run in experiment.runs]
        missing = [record for record in records if not record.is_file()]
        if missing:
            words.append(f"{len(missing)} of {len(experiment.runs)} runs of {experiment.name}")
    return words


def main(names: Sequence[str]) -> int:
    """Say what is wrong with the results; return the exit status, 1 if anything is.

    Parameters
    ----------
    names : sequence of str
        The configuration file that overrides the default one, or a folder of results, if any.
    """
    folder = Path(names[0]) if names and Path(names[0]).is_dir() else None
    again = reproduce([] if folder else names)
    try:
        present = None if folder else load(configuration(names), Path())
        results = folder or Path(present.results)
        known = read_provenance(results / "provenance.json")
        found = problems(known, _made_by(known, present), results)
    except FileNotFoundError as error:
        print(
            f"Nothing to verify: {error}; `{again}` makes it. If the results are elsewhere, name "
            "their folder."
        )
        return 1
    except (OSError, ValueError) as error:
        print(f"Not verified: {error}")
        return 1
    print(
        f"{results / 'provenance.json'}, written {known['written']}: "
        f"{len(known['runs'])} runs and {len(known['files'])} files."
    )
    if found:
        print(described(found, results))
    wrong = [problem for problem in found if problem.kind != "extra"]
    if wrong:
        print(*advice(wrong, again), sep="\n")
    else:
        print("All are unchanged, and match the present code and the config that made them.")
    if present is not None and (words := _to_be_made(present, results)):
        listed = "; ".join(shortened(words))
        print(f"Of the present config, there are not yet: {listed}. `{again}` makes them.")
    return 1 if wrong else 0
