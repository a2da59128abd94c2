"""The page of the runs, and the page that says how they were made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from rknet.cell import AXES, Cell
from rknet.show.experiment.words import heading as heading_of
from rknet.show.experiment.words import value
from rknet.show.labels import label
from rknet.show.pages.charts import history, of_runs, step
from rknet.show.pages.document import (
    address,
    document,
    heading,
    listing,
    paragraph,
    preformatted,
    table,
)
from rknet.show.pages.listing import Page
from rknet.study.archive.taken import of_all_epochs, origin
from rknet.study.grids import Run
from rknet.study.records import checked

#: Axes with their own column. All other settings that differ from the paper's usual ones share one.
_SHOWN = ("dataset", "network", "width", "depth", "activation", "lift")
_TEXTS = ("dataset", "network", "activation", "lift", "otherwise")


def experiments_of(metrics: Mapping[str, pd.DataFrame]) -> dict[str, list[str]]:
    """The experiments that each run belongs to, by the run's path.

    Parameters
    ----------
    metrics : mapping
        By experiment, its metrics, as `rknet.study.frames.collect` returns them.
    """
    found: dict[str, list[str]] = {}
    for experiment, frame in metrics.items():
        runs = frame[[*AXES, "seed"]].drop_duplicates()
        for *axes, seed in runs.itertuples(index=False, name=None):
            found.setdefault(Run(Cell(*axes), seed).path, []).append(experiment)
    return found


def of_cell(cell: Cell) -> str:
    """The address of a cell's runs, in their page."""
    # The cell's folder, from its beginning to its end: fashion_mnist/ ends like mnist/.
    return address("runs", f"/{Run(cell, 0).path.removesuffix('seed0')}")


def of_experiment(experiment: str, lift: str = "") -> str:
    """The address of the runs of an experiment, or of those with one lift, in their page."""
    return address("runs", f"{_named(experiment)}{lift and f' lift:{lift};'}")


def _named(experiment: str) -> str:
    """What a search finds the runs of an experiment by, and of no other."""
    return f"experiment:{experiment};"


def runs_page(
    page: Page,
    records: Mapping[str | Path, Mapping[str, Any]],
    experiments: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """The page with a row for each run, which leads to its curves.

    Parameters
    ----------
    page : Page
    records : mapping
        The runs' records, as `rknet.study.records.read_record` reads them, by their files; the
        histories lie beside these.
    experiments : mapping, optional
        As `experiments_of` gives them.
    """
    settings = [record["setting"] for record in records.values()]
    cells = [Cell.of(setting) for setting in settings]
    paths = [Run(cell, setting["seed"]).path for cell, setting in zip(cells, settings, strict=True)]
    within = [(experiments or {}).get(path, ()) for path in paths]
    frame = _listed(list(records.values()), cells)
    frame["experiments"] = [", ".join(names) for names in within]
    frame["folder in runs/"] = paths
    frame.insert(0, "seed", frame.pop("seed"))
    every = step([record["last_epoch"] for record in records.values()])
    ended = frame["status"].value_counts()
    counted = ", ".join(f"{count} {status}" for status, count in ended.items())
    thinned = f" Of so many runs the curves show one epoch in {every}, and the last."
    formats = {"seed": "seed {}", "accuracy (%)": "{:.2f}", "cost": "{:.4f}", "wall (s)": "{:.2f}",
               "CPU (s)": "{:.2f}", "memory (MiB)": "{:.0f}"}  # fmt: skip
    return document(
        page.title,
        [
            paragraph(
                f"{page.caption} {len(frame)} runs: {counted}. Stopped runs ended early because "
                "the validation cost rose; diverged runs are left out of all means. The column "
                "otherwise has settings that differ from the paper's usual ones. The files are in "
                "runs/, by dataset, network, setting and seed. A row's seed leads to the run's "
                f"curves, its whole setting and its files.{thinned * (every > 1)}"
            ),
            of_runs(every, *_chosen(records, cells, paths, every)),
            listing(
                frame,
                "runs",
                formats,
                choices=[*_TEXTS, "status", "from", "machine"],
                verdicts=["status"],
                rows=paths,
                links={"seed": [[f"#{path}"] for path in paths]},
                found_by={
                    "seed": [str(seed) for seed in frame["seed"]],
                    # The name of a lift alone may be part of another one's name.
                    "experiments": [
                        f"{' '.join(map(_named, names))} lift:{cell.lift};"
                        for names, cell in zip(within, cells, strict=True)
                    ],
                    "folder in runs/": [f"/{path}" for path in paths],
                },
            ),
        ],
    )


def _listed(records: Sequence[Mapping[str, Any]], cells: Sequence[Cell]) -> pd.DataFrame:
    """A row a run."""
    frame = pd.DataFrame([{axis: getattr(cell, axis) for axis in _SHOWN} for cell in cells])
    frame = frame.rename(columns={"width": "d̂", "depth": "L"})
    frame["dataset"] = [label("dataset", name) for name in frame["dataset"]]
    # As in the name of the run's folder.
    frame["otherwise"] = [", ".join(cell.name.split("_")[4:]) for cell in cells]
    frame["seed"] = [record["setting"]["seed"] for record in records]
    last = pd.DataFrame([record["last_metrics"] for record in records], index=frame.index)
    frame["status"] = [record["status"] for record in records]
    frame["last epoch"] = [record["last_epoch"] for record in records]
    frame["accuracy (%)"] = pd.to_numeric(last["validation_accuracy_percent"])
    frame["cost"] = pd.to_numeric(last["validation_cost"])
    for name, clock in (("wall (s)", "wall_time_seconds"), ("CPU (s)", "cpu_time_seconds")):
        frame[name] = [round(of_all_epochs(record, clock), 3) for record in records]
    frame["memory (MiB)"] = [record["peak_memory_mib"] for record in records]
    frame["from"] = ["archive" if origin(record) else "here" for record in records]
    frame["machine"] = [record["hardware"]["host"] for record in records]
    return frame


def _chosen(
    records: Mapping[str | Path, Mapping[str, Any]],
    cells: Sequence[Cell],
    paths: Sequence[str],
    every: int,
) -> tuple[list[dict], list[dict], dict[str, dict]]:
    """What the page shows of a chosen run: settings and origins, each once, and the run's own."""
    settings: dict[Cell, int] = {}
    origins: dict[str, int] = {}
    runs = {}
    for (file, record), cell, path in zip(records.items(), cells, paths, strict=True):
        made = json.dumps(_made(record), sort_keys=True)
        curves = checked(record, Path(file).with_name("history.csv"))
        runs[path] = {
            "setting": settings.setdefault(cell, len(settings)),
            "origin": origins.setdefault(made, len(origins)),
            # An archived run is taken without the dataset of images, so there may be no file.
            "dataset": {"trained on" if origin(record) else "dataset file": record["dataset_file"]},
            "last": record["last_epoch"],
            "curves": history(curves, every),
        }
    others = [axis for axis in AXES if axis not in _SHOWN]
    said = [{heading_of(axis): value(axis, cell) for axis in others} for cell in settings]
    return said, [json.loads(made) for made in origins], runs


def _made(record: Mapping[str, Any]) -> dict[str, Any]:
    """What made a run, in words, and the names of its files."""
    hardware = record["hardware"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return {
        "commit": _commit(record),
        "versions": versions,
        "system": hardware["system"],
        "processor": f"{hardware['processor']}, {hardware['cores']} cores",
        "GPU": ", ".join(hardware["gpus"]),
        "taken from the archive": origin(record),
        "files": ["run.json", *record["files_sha256"]],
    }


def provenance_page(
    page: Page, provenance: Mapping[str, Any], experiments: Sequence[Mapping[str, Any]]
) -> str:
    """The page that says how the results were made.

    Parameters
    ----------
    page : Page
    provenance : mapping
        What `rknet.study.provenance.read_provenance` reads from ``results/provenance.json``.
    experiments : sequence of mappings
        A row for each experiment, with the size of its grid.
    """
    files = [(path, about["rule"], about["sha256"]) for path, about in provenance["files"].items()]
    blocks = [
        paragraph(
            f"{page.caption} Written {provenance['written']} at commit {_commit(provenance)}. "
            "`make verify` says what has changed since."
        ),
        heading("Experiments"),
        table({"": pd.DataFrame(experiments)}),
        heading("Configuration"),
        preformatted(_yaml(provenance["configuration"])),
        heading("Code, versions and machines that trained the runs"),
        table({"": _origins(provenance)}),
        heading("Computing time"),
        paragraph(
            "The runs' records give the time of training; Snakemake measured the rest. See also "
            "the report's statistics."
        ),
        table({"": _times(provenance["times"])}),
        heading("Checksums of the results"),
        listing(
            pd.DataFrame(files, columns=["file", "rule", "SHA-256"]), "files", choices=["rule"]
        ),
        heading("Packages"),
        preformatted("\n".join(provenance["packages"])),
    ]
    return document(page.title, blocks)


def _commit(origin: Mapping[str, Any]) -> str:
    if not origin["commit"]:
        return "not in git"
    changes = ", with changes that are not committed" if origin["dirty"] else ""
    return f"{origin['commit']}{changes}"


def _yaml(configuration: Mapping[str, Any]) -> str:
    # Lists of plain values go on one line.
    text = yaml.safe_dump(
        dict(configuration), sort_keys=False, allow_unicode=True, default_flow_style=None
    )
    return text.strip()


def _origins(provenance: Mapping[str, Any]) -> pd.DataFrame:
    """Each commit, version and machine of the runs, and the number of runs that have it."""
    rows = []
    for run in provenance["runs"].values():
        origin = provenance["origins"][run["origin"]]
        hardware = origin["hardware"]
        rows.append(("commit", _commit(origin)))
        rows += [(name, version) for name, version in origin["versions"].items()]
        rows += [(name, str(hardware[name])) for name in ("host", "system", "processor", "cores")]
        rows += [("GPU", name) for name in dict.fromkeys(hardware["gpus"])]
    counts = pd.Series(rows).value_counts(sort=False).rename("runs")
    frame = pd.DataFrame(counts.index.tolist(), columns=["what", "which"])
    frame = frame.assign(runs=counts.to_numpy()).sort_values("what", kind="stable")
    order = list(dict.fromkeys(name for name, _ in rows))
    return frame.sort_values("what", key=lambda names: names.map(order.index), kind="stable")


def _times(times: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    forms = {
        "CPU (s)": ("cpu_seconds", "{:.1f}"),
        "wall (s)": ("wall_seconds", "{:.1f}"),
        "most memory (MiB)": ("peak_memory_mib", "{:.0f}"),
    }
    frame = pd.DataFrame([(row["rule"], row["jobs"]) for row in times], columns=["rule", "jobs"])
    for title, (name, form) in forms.items():
        frame[title] = ["–" if row[name] is None else form.format(row[name]) for row in times]
    return frame
