"""A figure: what it shows, of which runs, and which files it is drawn from.

Light to import, as the workflow asks it which files a figure needs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rknet.cell import AXES, Cell
from rknet.registry import Registry
from rknet.show.entries import PaperError, entry_of, named, refuse_unknown
from rknet.show.labels import depths_by_network, label, lift_in_a_sentence, listed
from rknet.study.grids import Experiment, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure as Picture

#: What draws each kind of figure: a function of `Files` and the kind's options.
KINDS: Registry[Callable[..., Picture]] = Registry("kind of figure", "rknet.show.figures.kinds")

#: By what a figure is drawn from, the files of its runs that it needs, beside their records.
SOURCES: dict[str, tuple[str, ...]] = {
    "parameters": ("parameters.safetensors",),
    "outputs": ("outputs.npz",),
    "histories": ("history.csv",),
    "datasets": (),
    "metrics": (),
    "comparison": (),
    "nothing": (),
}
#: What is animated of a run.
MOTIONS = ("trajectories", "transformation")


@dataclass(frozen=True)
class Figure:
    """A figure of a paper.

    Attributes
    ----------
    name : str
        File name.
    edition : str
        One of the paper's.
    edition_in_words : str
        What its heading ends with.
    number : int or str
        In that edition; a letter if it is not the paper's.
    kind : str
        What draws it, of `KINDS`.
    source : str
        What it is drawn from, of `SOURCES`; ``from`` in YAML.
    caption : str
        With fields in braces for the setting, see `caption_of`.
    preprint : int or None, optional
        Its number in the preprint.
    said : str, optional
        What it does, for a sentence that begins with its name.
    experiment : str, optional
        The experiment whose runs it shows.
    only : mapping, optional
        Values of axes that the shown cells have; of several that may be, a tuple.
    depths : mapping, optional
        By network, the depth that is shown, where the experiment has several.
    preferred : mapping, optional
        Values of axes that the shown cells have if the experiment offers them; else the nearest
        number, or the first name.
    repetitions : int, optional
        How many seeds of a cell are shown; all if 0.
    options : mapping, optional
        What the kind is told beside the files.
    """

    name: str
    edition: str
    edition_in_words: str
    number: int | str
    kind: str
    source: str
    caption: str
    preprint: int | None = None
    said: str = "shows more"
    experiment: str = ""
    only: Mapping[str, object] = field(default_factory=dict)
    depths: Mapping[str, int] = field(default_factory=dict)
    preferred: Mapping[str, object] = field(default_factory=dict)
    repetitions: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """What it is called."""
        return " ".join(filter(None, (f"Figure {self.number}", self.edition_in_words)))

    @property
    def needs(self) -> tuple[str, ...]:
        """The files of a run that it is drawn from, beside the record."""
        return SOURCES[self.source]

    @property
    def of_the_paper(self) -> bool:
        """Whether the paper has it, under a number."""
        return isinstance(self.number, int)

    @property
    def datasets(self) -> list[str]:
        """The datasets that it shows of themselves, row by row."""
        shown = self.options["datasets"] if self.source == "datasets" else ()
        return [name for row in shown for name in row]


class Files(NamedTuple):
    """The files a figure is drawn from; those of runs in the order of the runs.

    Attributes
    ----------
    records, parameters, histories, outputs : sequences of str
        ``run.json``, ``parameters.safetensors``, ``history.csv`` and ``outputs.npz`` of the runs
        shown.
    datasets : sequence of str
        Of those runs, or those that a figure shows of themselves, row by row.
    metrics, published, comparison : sequences of str
        The experiment's metrics and the paper's numbers; the comparison of all.
    """

    records: Sequence[str] = ()
    parameters: Sequence[str] = ()
    histories: Sequence[str] = ()
    datasets: Sequence[str] = ()
    outputs: Sequence[str] = ()
    metrics: Sequence[str] = ()
    published: Sequence[str] = ()
    comparison: Sequence[str] = ()


def read_figures(
    file: Path, editions: Mapping[str, str], experiments: Collection[str]
) -> dict[str, Figure]:
    """The figures of a paper, by name.

    Parameters
    ----------
    file : Path
        Its ``figures.yaml``.
    editions : mapping
        By name, what headings of its figures end with; the first is meant where none is said.
    experiments : collection of str
        The experiments that the paper knows.

    Raises
    ------
    PaperError
        If an entry is wrong; the message names file, entry and key.
    """
    figures = {}
    for name, entry, where in named(file):
        entry = _source_spelt_out(entry, where)
        edition = entry.setdefault("edition", next(iter(editions)))
        refuse_unknown([edition], editions, f"{where}: edition", "edition")
        said = entry_of(Figure, entry, where, given=("name", "edition_in_words"))
        figure = Figure(name=name, edition_in_words=editions[edition], **said)
        _refuse_unknown_names(figure, where, experiments)
        figures[name] = figure
    return figures


def _source_spelt_out(entry: Any, where: str) -> dict[str, Any]:
    """The entry with ``from``, which is no name in Python, as ``source``."""
    if not isinstance(entry, Mapping):
        raise PaperError(f"{where}: expected a mapping, found {entry!r}")
    if "from" not in entry:
        raise PaperError(f"{where}: the key 'from' is missing")
    return {"source" if key == "from" else key: value for key, value in entry.items()}


def _refuse_unknown_names(figure: Figure, where: str, experiments: Collection[str]) -> None:
    refuse_unknown([figure.kind], KINDS.modules(), f"{where}: kind", "kind of figure")
    refuse_unknown([figure.source], SOURCES, f"{where}: from", "source")
    if figure.experiment or figure.needs or figure.source == "metrics":
        refuse_unknown([figure.experiment], experiments, f"{where}: experiment", "experiment")
    if figure.source == "datasets" and "datasets" not in figure.options:
        raise PaperError(f"{where}: options: the key 'datasets' is missing")
    for key in ("only", "preferred"):
        refuse_unknown(getattr(figure, key), AXES, f"{where}: {key}", "axis")


def cells(figure: Figure, experiments: Mapping[str, Experiment]) -> tuple[Cell, ...]:
    """The cells that a figure shows of the configured experiments, none if it cannot be drawn."""
    if figure.experiment not in experiments:
        return ()
    found = [
        cell
        for cell in experiments[figure.experiment].cells
        if all(getattr(cell, axis) in _listed(value) for axis, value in figure.only.items())
        and figure.depths.get(cell.network, cell.depth) == cell.depth
    ]
    for axis, value in figure.preferred.items():
        offered = list(dict.fromkeys(getattr(cell, axis) for cell in found))
        nearest = _nearest(value, offered) if offered else None
        found = [cell for cell in found if getattr(cell, axis) == nearest]
    return tuple(found)


def runs(figure: Figure, experiments: Mapping[str, Experiment]) -> tuple[Run, ...]:
    """The runs that a figure shows, cell by cell."""
    shown = cells(figure, experiments)
    if not shown:
        return ()
    present = map(experiments[figure.experiment].runs_of, shown)
    return tuple(run for of_cell in present for run in of_cell[: figure.repetitions or None])


def drawable(figures: Mapping[str, Figure], experiments: Mapping[str, Experiment]) -> list[str]:
    """Names of the figures that can be drawn of the configured experiments."""
    return [
        name
        for name, figure in figures.items()
        if not figure.experiment or cells(figure, experiments)
    ]


def caption_of(figure: Figure, experiments: Mapping[str, Experiment]) -> str:
    """The caption, its fields filled with what the figure shows."""
    shown = runs(figure, experiments)
    if not shown:
        return figure.caption
    first = shown[0].cell
    return figure.caption.format(
        dataset=label("dataset", first.dataset),
        width=first.width,
        depth=depths_by_network((run.cell.network, run.cell.depth) for run in shown),
        activation=first.activation,
        lift=lift_in_a_sentence(first.lift),
        networks=listed(list(dict.fromkeys(run.cell.network for run in shown))),
        repetitions=len({run.seed for run in shown}),
    )


def varied(shown: Sequence[Run]) -> tuple[str, ...]:
    """The axes, ``seed`` among them, on which runs differ: what tells rows or lines apart."""
    axes = [axis for axis in AXES if len({getattr(run.cell, axis) for run in shown}) > 1]
    return (*axes, *(["seed"] if len({run.seed for run in shown}) > 1 else []))


def _listed(value: object) -> tuple:
    return value if isinstance(value, tuple) else (value,)


def _nearest(value: object, offered: list) -> object:
    if isinstance(value, int | float):
        return min(offered, key=lambda other: (abs(other - value), other))
    return value if value in offered else offered[0]


def captions(
    names: Sequence[str], figures: Mapping[str, Figure], experiments: Mapping[str, Experiment]
) -> dict[str, str]:
    """The captions of figures, by name."""
    return {name: caption_of(figures[name], experiments) for name in names}
