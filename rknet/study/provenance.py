"""``results/provenance.json``: how the results were made, and checksums of all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from rknet.files import file_hash
from rknet.study.archive.taken import origin
from rknet.study.config import Configuration, load
from rknet.study.machine import environment
from rknet.study.records import job_records, read_record, within

#: What a run's record says of where it comes from.
ORIGIN = ("commit", "dirty", "versions", "hardware")


def provenance(
    results: str | Path,
    records: Iterable[str | Path],
    files: Iterable[str | Path],
    configuration: Mapping[str, Any],
) -> dict[str, Any]:
    """The content of ``results/provenance.json``, as plain values.

    Parameters
    ----------
    results : str or Path
        Their folder.
    records : iterable of str or Path
        Files ``run.json`` of the runs that the results rest on.
    files : iterable of str or Path
        The results' files.
    configuration : mapping
        With every experiment written out.

    Returns
    -------
    dict
        ``written`` (when), ``commit``, ``dirty``, ``versions`` and ``hardware`` of what wrote
        it; ``configuration``; ``packages``, as ``pip freeze`` lists them; ``runs``, by the
        record's file its SHA-256 and the place of its origin in ``origins``; ``files``, by file its
        rule and SHA-256, as its record has them; ``times``, a row a rule. Files are named from the
        folder of the results.

    Raises
    ------
    ValueError
        If a record is damaged, or a file has none; the message names it.
    """
    results = Path(results)
    read = {path: read_record(path) for path in records}
    origins: list[dict[str, Any]] = []
    runs = {}
    for path, record in read.items():
        origin = {name: record[name] for name in ORIGIN}
        if origin not in origins:
            origins.append(origin)
        place = {"sha256": file_hash(path), "origin": origins.index(origin)}
        runs[str(Path(path).relative_to(results))] = place
    return {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        **environment(),
        "configuration": dict(configuration),
        "packages": _packages(),
        "origins": origins,
        "runs": runs,
        "files": _recorded(results, files),
        "times": _times(read.values(), results / "benchmarks"),
    }


def read_provenance(path: str | Path) -> dict[str, Any]:
    """Read what `provenance` made.

    Raises
    ------
    FileNotFoundError
        If it is missing.
    ValueError
        If it is none; the message names it.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        wanted = {
            "written",
            "configuration",
            *ORIGIN,
            "origins",
            "runs",
            "files",
            "times",
        } - found.keys()
        if wanted:
            raise ValueError(f"it has no {', '.join(sorted(wanted))}")
    except (ValueError, AttributeError) as error:
        raise ValueError(
            f"{path} is no record of results ({error}); delete it, and the same command writes it "
            "again"
        ) from error
    return found


def made_by(known: Mapping[str, Any]) -> Configuration:
    """The configuration that made results, which need not be the present one.

    Parameters
    ----------
    known : mapping
        The content of ``results/provenance.json``.

    Raises
    ------
    rknet.study.config.ConfigurationError
        If it can be used no longer: a file of the user is gone, for example.
    """
    return load(known["configuration"], Path())


def _recorded(results: Path, files: Iterable[str | Path]) -> dict[str, dict[str, str]]:
    """Rule and checksum of files, as their records have them."""
    known = {}
    for _, record in job_records(results):
        if not isinstance(record, ValueError):
            for name, sha256 in record["outputs"].items():
                known[name] = {"rule": record["rule"], "sha256": sha256}
    names = [within(path, results) for path in files]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(
            f"{results / unknown[0]} has no record that says how it was made; delete it, and the "
            "same command makes it again"
        )
    return {name: known[name] for name in names}


def _packages() -> list[str]:
    """Every package of this environment, with its version."""
    # A fixed command: no part of it comes from the config.
    frozen = subprocess.run(
        [sys.executable, "-m", "pip", "freeze", "--all"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    # An environment may have no pip.
    return frozen.stdout.splitlines() if frozen.returncode == 0 else []


def _times(records: Iterable[Mapping[str, Any]], benchmarks: Path) -> list[dict[str, Any]]:
    """Jobs, time and memory of each rule.

    Of training the records say it; of the rest Snakemake's benchmarks, which are by-products: what
    they lack is not counted.
    """
    columns = ["s", "cpu_time", "max_rss"]
    cost = ("wall_time_seconds", "cpu_time_seconds", "peak_memory_mib")
    trained: dict[str, list[tuple[Any, ...]]] = {"train": [], "train, archived": []}
    for record in records:
        rule = "train, archived" if origin(record) else "train"
        trained[rule].append(tuple(record[name] for name in cost))
    measured = {rule: pd.DataFrame(rows, columns=columns) for rule, rows in trained.items()}
    for path in sorted(benchmarks.glob("*")):
        # Other files there are what `make benchmark` writes.
        files = sorted(path.rglob("*.tsv")) if path.is_dir() else [path] * (path.suffix == ".tsv")
        if path.stem not in measured and files:
            measured[path.stem] = pd.concat(
                [pd.read_csv(file, sep="\t", na_values="-") for file in files]
            )
    return [
        {
            "rule": rule,
            "jobs": len(frame),
            "wall_seconds": round(float(frame["s"].sum()), 3),
            "cpu_seconds": round(float(frame["cpu_time"].sum()), 3),
            # Snakemake does not see the memory of the shortest jobs.
            "peak_memory_mib": None
            if frame["max_rss"].isna().all()
            else float(frame["max_rss"].max()),
        }
        for rule, frame in measured.items()
        if len(frame)
    ]
