"""Which tables there are: what each shows, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rknet.cell import Cell
from rknet.study.grids import Experiment


@dataclass(frozen=True)
class Table:
    """What a table shows. Axes are those of a cell, and ``split``, ``metric`` and ``statistic``.

    Attributes
    ----------
    name : str
        File name.
    edition : str
        ``journal`` or ``preprint``; ``digits`` of the journal's tables in miniature.
    number : int
        In that edition.
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
        By network, the depth that is shown, where the experiment has several.
    spread : bool, optional
        Whether means are printed with their standard deviation.
    note : str, optional
        A sentence after the caption's.
    """

    name: str
    edition: str
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

    @property
    def heading(self) -> str:
        """What it is called."""
        edition = {"journal": "", "preprint": " of the preprint", "digits": " in miniature"}
        return f"Table {self.number}{edition[self.edition]}"


_TABLE1 = Table(
    name="table1",
    edition="journal",
    number=1,
    experiment="depth",
    caption="Mean of training (upper row) and validation (lower row) accuracy (%) over "
    "{repetitions} repetitions on {dataset} with network width d̂ = {width} and {activation} "
    "activation",
    metrics=("accuracy_percent",),
    rows=("network", "split"),
    columns=("depth",),
    long_rows=("network", "depth"),
    across="split",
)
_TABLE2 = replace(
    _TABLE1,
    name="table2",
    number=2,
    caption=_TABLE1.caption.replace("accuracy (%)", "cost (× 10⁻¹)"),
    metrics=("cost",),
)
_TABLE3 = Table(
    name="table3",
    edition="journal",
    number=3,
    experiment="architecture",
    caption="Variability of accuracy (%) and cost (× 10⁻¹) over {repetitions} repetitions for "
    "RK4Net with width d̂ = {width}, {depth} and {activation} activation, on donut 2D & 6C",
    metrics=("accuracy_percent", "cost"),
    rows=("statistic",),
    columns=("metric", "split"),
    long_rows=("split",),
    across="metric",
    statistics=("mean", "std"),
    only={"dataset": "donut_2d_6c", "network": "RK4Net"},
)
_TABLE4 = Table(
    name="table4",
    edition="journal",
    number=4,
    experiment="architecture",
    caption="Mean of validation accuracy (%, upper row) and cost (× 10⁻¹, lower row) over "
    "{repetitions} repetitions with network width d̂ = {width}, {depth}, and {activation} "
    "activation",
    metrics=("accuracy_percent", "cost"),
    rows=("network", "metric"),
    columns=("dataset",),
    long_rows=("network", "dataset"),
    across="metric",
    splits=("validation",),
)
_PREPRINT_TABLE3 = replace(
    _TABLE4,
    name="preprint_table3",
    edition="preprint",
    number=3,
    caption="Mean of validation one-hot agreement (%, upper row), accuracy (%, middle row) and "
    "cost (× 10⁻¹, lower row) over {repetitions} repetitions with network width d̂ = {width}, "
    "{depth}, and {activation} activation",
    metrics=("one_hot_agreement_percent", "accuracy_percent", "cost"),
    note="One-hot agreement is the share of entries in which predicted and true one-hot labels "
    "agree; it is what the preprint prints as accuracy.",
)

_TABLE5 = Table(
    name="table5",
    edition="journal",
    number=5,
    experiment="images",
    caption="Mean and standard deviation of accuracy (%) and cost (× 10⁻¹) over {repetitions} "
    "repetitions for non-augmented (upper row) and augmented (lower row) RK4Net with {depth} and "
    "{activation} activation, on {dataset}",
    metrics=("accuracy_percent", "cost"),
    rows=("width",),
    columns=("metric", "split"),
    long_rows=("width", "split"),
    across="metric",
    only={"dataset": "mnist", "network": "RK4Net"},
    spread=True,
)
_TABLE6 = Table(
    name="table6",
    edition="journal",
    number=6,
    experiment="images",
    caption="Mean and standard deviation of validation accuracy (%, upper row) and cost (× 10⁻¹, "
    "lower row) over {repetitions} repetitions with network width d̂ = {width}, {depth}, and "
    "{activation} activation",
    metrics=("accuracy_percent", "cost"),
    rows=("network", "metric"),
    columns=("dataset",),
    long_rows=("network", "dataset"),
    across="metric",
    splits=("validation",),
    only={"width": 900},
    depths={"StandardNet": 5},
    spread=True,
)
_MINIATURE = {"edition": "digits", "experiment": "digits"}

#: All tables, by name. The preprint's first two are the journal's; the last two ask of the bundled
#: digits what the journal's do of MNIST and Fashion-MNIST.
TABLES = {
    table.name: table
    for table in (
        *(_TABLE1, _TABLE2, _TABLE3, _TABLE4, _TABLE5, _TABLE6),
        replace(_TABLE1, name="preprint_table1", edition="preprint"),
        replace(_TABLE2, name="preprint_table2", edition="preprint"),
        _PREPRINT_TABLE3,
        replace(
            _TABLE5,
            name="digits_table5",
            only={"dataset": "digits", "network": "RK4Net"},
            **_MINIATURE,
        ),
        replace(_TABLE6, name="digits_table6", only={"width": 100}, **_MINIATURE),
    )
}


def fillable(experiments: Mapping[str, Experiment]) -> list[str]:
    """Names of the tables of which the experiments have a cell at least."""
    return [
        name
        for name, table in TABLES.items()
        if table.experiment in experiments
        and any(_shows(table, cell) for cell in experiments[table.experiment].cells)
    ]


def _shows(table: Table, cell: Cell) -> bool:
    return (
        all(getattr(cell, axis) == value for axis, value in table.only.items())
        and table.depths.get(cell.network, cell.depth) == cell.depth
    )
