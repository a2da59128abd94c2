"""Looks at the claims: which runs one sees, and its files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from rknet.cell import Cell
from rknet.study.claims import Claim, Results
from rknet.study.decisions import look
from rknet.study.frames import collect, curves
from rknet.study.grids import Run
from rknet.study.measuring import measure
from rknet.study.records import read_record


def look_at(
    claims: Iterable[Claim],
    looks: Sequence[int],
    repetitions: int,
    cells: Mapping[str, Iterable[str]],
    results: str | Path,
    before: str | Path | None = None,
    checks: str | Path | None = None,
    with_curves: Collection[str] = (),
    with_features: Collection[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Test the claims that are open on the runs so far.

    Parameters
    ----------
    claims : iterable of Claim
    looks : sequence of int
        All that are planned, as numbers of repetitions.
    repetitions : int
        Of this look: it sees the seeds below.
    cells : mapping
        By experiment, the folders of the cells that it needs.
    results : str or Path
        The folder of the results.
    before : str or Path, optional
        The history of the look before.
    checks : str or Path, optional
        What needs no runs, as the paper's module of checks computes it.
    with_curves : collection of str
        The experiments whose curves the claims use.
    with_features : collection of str
        The experiments whose features they use.

    Returns
    -------
    history : pandas.DataFrame
        As `rknet.study.decisions.look` returns it.
    needed : pandas.DataFrame
        Columns ``experiment`` and ``cell``: what the next look needs.
    """
    folders = {
        experiment: [
            Path(results, "runs", cell, f"seed{seed}")
            for cell in of_it
            for seed in range(repetitions)
        ]
        for experiment, of_it in cells.items()
    }
    metrics = {
        experiment: collect(read_record(folder / "run.json") for folder in of_it)
        for experiment, of_it in folders.items()
    }
    found = {
        experiment: curves(folder / "history.csv" for folder in folders[experiment])
        for experiment in with_curves
        if experiment in folders
    }
    measured = {
        experiment: measure(_measured(folder, results) for folder in folders[experiment])
        for experiment in with_features
        if experiment in folders
    }
    history, needed = look(
        [claim for claim in claims if claim.experiment in (*folders, "")],
        Results(
            metrics,
            found,
            features={experiment: layers for experiment, (layers, _) in measured.items()},
            pairs={experiment: alike for experiment, (_, alike) in measured.items()},
            checks=pd.read_csv(checks) if checks else None,
        ),
        repetitions,
        pd.read_csv(before) if before else None,
        looks,
    )
    rows = [(experiment, _folder(cell)) for experiment, of_it in needed.items() for cell in of_it]
    return history, pd.DataFrame(rows, columns=["experiment", "cell"])


def _measured(run: Path, results: str | Path) -> tuple[Path, Path, Path]:
    """The files from which the features of a run are measured."""
    record, outputs = run / "run.json", run / "outputs.npz"
    dataset = Path(results, read_record(record)["dataset_file"])
    return record, outputs if outputs.is_file() else run / "parameters.safetensors", dataset


def _folder(cell: Cell) -> str:
    return str(Path(Run(cell, 0).path).parent)
