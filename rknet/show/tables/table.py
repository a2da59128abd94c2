"""A table: its content, and which tables the configured experiments can fill.

This module is light to import, because the workflow asks it which tables to make.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rknet.cell import AXES, Cell
from rknet.show.entries import named, of_editions, refuse_unknown
from rknet.show.labels import listed
from rknet.study.grids import Experiment
from rknet.study.metrics import METRICS

#: What rows and columns of a table can be, in addition to the axes of a cell.
_OBSERVED = ("split", "metric", "statistic")


@dataclass(frozen=True)
class Table:
    """A table of a paper. Axes are those of a cell, and ``split``, ``metric`` and ``statistic``.

    Attributes
    ----------
    name : str
        The name of its files.
    edition : str
        One of the paper's editions.
    edition_in_words : str
        The end of its heading, which says the edition.
    number : int
        Its number in that edition.
    experiment : str
        The experiment whose metrics it shows.
    caption : str
        With fields in braces for the setting, see `rknet.show.tables.layouts.setting`.
    metrics : tuple of str
        As in the tidy frame, in the order shown.
    rows, columns : tuple of str
        Axes down and across.
    long_rows : tuple of str
        Axes down in the layout with intervals.
    across : str
        The axis whose values are groups of columns in that layout.
    splits, statistics : tuple of str, optional
        In the order shown; statistics are ``mean`` and ``std``.
    only : mapping, optional
        Values of axes that the shown cells have.
    depths : mapping, optional
        By network, the depth that is shown, if the experiment has several.
    spread : bool, optional
        Whether means are printed with their standard deviation.
    note : str, optional
        A sentence that follows the caption.
    said : str, optional
        The end of a sentence that begins with its name.
    """

    name: str
    edition: str
    edition_in_words: str
    number: int
    experiment: str
    caption: str
    metrics: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    long_rows: tuple[str, ...]
    across: str
    splits: tuple[str, ...] = ("training", "validation")
    statistics: tuple[str, ...] = ("mean",)
    only: Mapping[str, object] = field(default_factory=dict)
    depths: Mapping[str, int] = field(default_factory=dict)
    spread: bool = False
    note: str = ""
    said: str = "shows more"

    @property
    def heading(self) -> str:
        """The heading of the table, such as ``Table 1``."""
        return " ".join(filter(None, (f"Table {self.number}", self.edition_in_words)))


def read_tables(
    file: Path, editions: Mapping[str, str], experiments: Collection[str]
) -> dict[str, Table]:
    """The tables of a paper, by name.

    Parameters
    ----------
    file : Path
        Its ``tables.yaml``.
    editions : mapping
        By name, the end of its tables' headings.
    experiments : collection of str
        The experiments of the paper.

    Raises
    ------
    PaperError
        If an entry is wrong; the message names file, entry and key.
    """
    tables = {}
    for table, where in of_editions(Table, named(file), editions):
        _refuse_unknown_names(table, where, experiments)
        tables[table.name] = table
    return tables


def _refuse_unknown_names(table: Table, where: str, experiments: Collection[str]) -> None:
    refuse_unknown([table.experiment], experiments, f"{where}: experiment", "experiment")
    refuse_unknown(table.metrics, METRICS, f"{where}: metrics", "metric")
    refuse_unknown(table.only, AXES, f"{where}: only", "axis")
    for key in ("rows", "columns", "long_rows"):
        refuse_unknown(getattr(table, key), (*AXES, *_OBSERVED), f"{where}: {key}", "axis")
    refuse_unknown([table.across], (*AXES, *_OBSERVED), f"{where}: across", "axis")
    refuse_unknown(table.splits, ("training", "validation"), f"{where}: splits", "split")
    refuse_unknown(table.statistics, ("mean", "std"), f"{where}: statistics", "statistic")


def same_tables(table: Table, tables: Mapping[str, Table]) -> list[Table]:
    """The table, and the tables of other editions that show the same, in the order of `tables`."""

    def bare(other: Table) -> Table:
        return replace(other, name="", edition="", edition_in_words="")

    return [other for other in tables.values() if bare(other) == bare(table)]


def fillable(tables: Mapping[str, Table], experiments: Mapping[str, Experiment]) -> list[str]:
    """The names of the tables for which the experiments have cells, at most one for each place."""
    return [
        name
        for name, table in tables.items()
        if (shown := shown_cells(table, experiments)) and not two_in_a_place(table, shown)
    ]


def shown_cells(table: Table, experiments: Mapping[str, Experiment]) -> list[Cell]:
    """The cells of the configured experiments that a table shows."""
    if table.experiment not in experiments:
        return []
    return [cell for cell in experiments[table.experiment].cells if _shows(table, cell)]


def two_in_a_place(table: Table, shown: Iterable[Cell]) -> str:
    """A sentence that says why a place in a table would have two values; empty if none has.

    Parameters
    ----------
    table : Table
    shown : iterable of Cell
        The cells that it shows, or anything with their axes as attributes.
    """
    shown = list(shown)
    axes = {*table.rows, *table.columns, *table.only, "lift"}
    varied = [
        axis
        for axis in AXES
        if axis not in axes and len({getattr(cell, axis) for cell in shown}) > 1
    ]
    # The caption has room for one depth for each network.
    if "depth" in varied and "network" in table.rows:
        pairs = {(cell.network, cell.depth) for cell in shown}
        if len(pairs) == len({network for network, _ in pairs}):
            varied.remove("depth")
    if not varied:
        return ""
    names = [axis for axis in AXES if axis in axes]
    return (
        f"{table.name} shows {listed(names)}; the experiment {table.experiment} also varies "
        f"{listed(varied)}: give those cells an experiment of their own"
    )


def _shows(table: Table, cell: Cell) -> bool:
    return (
        all(getattr(cell, axis) == value for axis, value in table.only.items())
        and table.depths.get(cell.network, cell.depth) == cell.depth
    )
