"""The runs, and what made them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from rknet.experiments import AXES, Cell
from rknet.labels import label
from rknet.pages.document import document, heading, listing, paragraph, preformatted, table
from rknet.pages.specification import Page

#: Axes that have a column; what else departs from the paper's usual setting shares one.
_SHOWN = ("dataset", "network", "width", "depth", "activation", "lift")
_TEXTS = ("dataset", "network", "activation", "lift", "otherwise")


def read(records: Iterable[str | Path]) -> list[dict[str, Any]]:
    """The records of runs.

    Parameters
    ----------
    records : iterable of str or Path
        Files ``run.json``.
    """
    return [json.loads(Path(path).read_text(encoding="utf-8")) for path in records]


def runs_page(page: Page, records: Sequence[Mapping[str, Any]]) -> str:
    """A row a run.

    Parameters
    ----------
    page : Page
    records : sequence of mappings
        As `read` reads them.
    """
    settings = [record["setting"] for record in records]
    cells = [Cell(**{axis: setting[axis] for axis in AXES}) for setting in settings]
    frame = pd.DataFrame([{axis: getattr(cell, axis) for axis in _SHOWN} for cell in cells])
    frame = frame.rename(columns={"width": "d̂", "depth": "L"})
    frame["dataset"] = [label("dataset", name) for name in frame["dataset"]]
    # As in the name of the run's folder.
    frame["otherwise"] = [", ".join(cell.name.split("_")[4:]) for cell in cells]
    frame["seed"] = [setting["seed"] for setting in settings]
    last = pd.DataFrame([record["last_metrics"] for record in records], index=frame.index)
    frame["status"] = [record["status"] for record in records]
    frame["last epoch"] = [record["last_epoch"] for record in records]
    frame["accuracy (%)"] = pd.to_numeric(last["validation_accuracy_percent"])
    frame["cost"] = pd.to_numeric(last["validation_cost"])
    frame["wall (s)"] = [record["wall_time_seconds"] for record in records]
    frame["CPU (s)"] = [record["cpu_time_seconds"] for record in records]
    frame["memory (MiB)"] = [record["peak_memory_mib"] for record in records]
    frame["machine"] = [record["hardware"]["host"] for record in records]
    ended = frame["status"].value_counts()
    counted = ", ".join(f"{count} {status}" for status, count in ended.items())
    formats = {"accuracy (%)": "{:.2f}", "cost": "{:.4f}", "wall (s)": "{:.2f}",
               "CPU (s)": "{:.2f}", "memory (MiB)": "{:.0f}"}  # fmt: skip
    return document(
        page.title,
        [
            paragraph(
                f"{page.caption} {len(frame)} runs: {counted}. Stopped: early, as the validation "
                "cost rose; diverged: in no mean. Otherwise: settings that are not the paper's "
                "usual ones. The files lie in runs/, by dataset, network, setting and seed."
            ),
            listing(
                frame,
                "runs",
                formats,
                choices=[*_TEXTS, "status", "machine"],
                verdicts=["status"],
            ),
        ],
    )


def provenance_page(
    page: Page,
    records: Sequence[Mapping[str, Any]],
    configuration: Mapping[str, Any],
    experiments: Sequence[Mapping[str, Any]],
    benchmarks: str | Path,
) -> str:
    """What made the results.

    Parameters
    ----------
    page : Page
    records : sequence of mappings
        As `read` reads them.
    configuration : mapping
        With every experiment written out.
    experiments : sequence of mappings
        A row an experiment: what its grid came to.
    benchmarks : str or Path
        Folder of Snakemake's benchmarks, below it one a rule; they are by-products, and what is
        missing is not shown.
    """
    blocks = [
        paragraph(page.caption),
        heading("Experiments"),
        table({"": pd.DataFrame(experiments)}),
        heading("Configuration"),
        preformatted(_yaml(configuration)),
        heading("Code and versions that trained the runs"),
        table({"": _origins(records)}),
        heading("Packages that made this page"),
        table({"": _packages()}),
        heading("Computing time"),
        paragraph(
            "Training as the runs' records say, the rest as Snakemake measured it (not for rules "
            "of a second or so); see also the report's statistics."
        ),
        table({"": _times(records, Path(benchmarks))}),
    ]
    return document(page.title, blocks)


def _yaml(configuration: Mapping[str, Any]) -> str:
    # Values that are alternatives stand in one line.
    text = yaml.safe_dump(
        dict(configuration), sort_keys=False, allow_unicode=True, default_flow_style=None
    )
    return text.strip()


def _origins(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Each origin that runs have, and how many have it."""
    rows = []
    for record in records:
        hardware, commit = record["hardware"], record["commit"]
        changed = {True: ", with changes that are not committed", False: "", None: ""}
        rows.append(("commit", f"{commit}{changed[record['dirty']]}" if commit else "not in git"))
        rows += [(name, version) for name, version in record["versions"].items()]
        rows += [(name, str(hardware[name])) for name in ("host", "system", "processor", "cores")]
    counts = pd.Series(rows).value_counts(sort=False).rename("runs")
    frame = pd.DataFrame(counts.index.tolist(), columns=["what", "which"])
    frame = frame.assign(runs=counts.to_numpy()).sort_values("what", kind="stable")
    order = list(dict.fromkeys(name for name, _ in rows))
    return frame.sort_values("what", key=lambda names: names.map(order.index), kind="stable")


def _packages() -> pd.DataFrame:
    names = ("rknet", "snakemake", "numpy", "pandas", "scipy", "itables")
    return pd.DataFrame([(name, metadata.version(name)) for name in names],
                        columns=["package", "version"])  # fmt: skip


def _times(records: Sequence[Mapping[str, Any]], benchmarks: Path) -> pd.DataFrame:
    rows = {
        "train": (
            len(records),
            sum(record["cpu_time_seconds"] for record in records),
            sum(record["wall_time_seconds"] for record in records),
            max(record["peak_memory_mib"] for record in records),
        )
    }
    for path in sorted(benchmarks.glob("*")):
        files = sorted(path.rglob("*.tsv")) if path.is_dir() else [path]
        if path.stem in rows or not files:
            continue
        measured = pd.concat([pd.read_csv(file, sep="\t", na_values="-") for file in files])
        rows[path.stem] = (
            len(measured),
            measured["cpu_time"].sum(),
            measured["s"].sum(),
            measured["max_rss"].max(),
        )
    frame = pd.DataFrame(
        [(name, *numbers) for name, numbers in rows.items()],
        columns=["rule", "jobs", "CPU (s)", "wall (s)", "most memory (MiB)"],
    )
    shown = {"CPU (s)": "{:.1f}", "wall (s)": "{:.1f}", "most memory (MiB)": "{:.0f}"}
    for name, form in shown.items():
        frame[name] = ["–" if pd.isna(value) else form.format(value) for value in frame[name]]
    return frame
