"""A figure: its content, the runs it shows, and the files it is drawn from.

This module is light to import, because the workflow asks it which files a figure needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rknet.cell import AXES, Cell
from rknet.registry import Registry
from rknet.show.entries import PaperError, named, of_editions, refuse_unknown
from rknet.show.labels import depths_by_network, label, lift_in_a_sentence, listed, repetitions
from rknet.study.grids import Experiment, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure as Picture

#: By name, the function that draws each kind of figure, from `Files` and the kind's options.
KINDS: Registry[Callable[..., Picture]] = Registry("kind of figure", "rknet.show.figures.kinds")

#: For each source of a figure, the files of its runs that it needs in addition to their records.
SOURCES: dict[str, tuple[str, ...]] = {
    "parameters": ("parameters.safetensors",),
    "outputs": ("outputs.npz",),
    "histories": ("history.csv",),
    "datasets": (),
    "metrics": (),
    "comparison": (),
    "nothing": (),
}
#: The animations of a run.
MOTIONS = ("trajectories", "transformation")


@dataclass(frozen=True)
class Figure:
    """A figure of a paper.

    Attributes
    ----------
    name : str
        The name of its files.
    edition : str
        One of the paper's editions.
    edition_in_words : str
        The end of its heading, which says the edition.
    number : int or str
        Its number in that edition; a letter if the paper does not have it.
    kind : str
        The kind that draws it, out of `KINDS`.
    source : str
        What it is drawn from, out of `SOURCES`; ``from`` in YAML.
    caption : str
        The caption, with fields in braces for the setting, see `caption_of`.
    preprint : int or None, optional
        Its number in the preprint.
    said : str, optional
        The end of a sentence that begins with its name.
    experiment : str, optional
        The experiment whose runs it shows.
    only : mapping, optional
        Values of axes that the shown cells have; a tuple allows several.
    depths : mapping, optional
        By network, the depth that is shown, if the experiment has several.
    preferred : mapping, optional
        Values of axes that the shown cells have if the experiment has them; else the nearest
        number, or the first name.
    repetitions : int, optional
        How many seeds of a cell are shown: the first ones, or all if 0. If 1, it is the one that
        `rknet.show.figures.median.median_repetition` chooses when the figure is drawn.
    options : mapping, optional
        The kind's options.
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
        """The heading of the figure."""
        return " ".join(filter(None, (f"Figure {self.number}", self.edition_in_words)))

    @property
    def needs(self) -> tuple[str, ...]:
        """The files of a run that it needs in addition to the record."""
        return SOURCES[self.source]

    @property
    def of_one_repetition(self) -> bool:
        """Whether it shows runs of a single seed, chosen from all."""
        return bool(self.needs) and self.repetitions == 1

    @property
    def of_the_paper(self) -> bool:
        """Whether the paper has it, with a number."""
        return isinstance(self.number, int)

    @property
    def datasets(self) -> list[str]:
        """The datasets that it shows directly, row by row."""
        shown = self.options["datasets"] if self.source == "datasets" else ()
        return [name for row in shown for name in row]


class Files(NamedTuple):
    """The files that a figure is drawn from; files of runs are in the order of the runs.

    Attributes
    ----------
    records, parameters, histories, outputs : sequences of str
        ``run.json``, ``parameters.safetensors``, ``history.csv`` and ``outputs.npz`` of the runs
        shown.
    datasets : sequence of str
        The datasets of those runs, or those that the figure shows directly, row by row.
    metrics, published, comparison : sequences of str
        The experiment's metrics, the paper's numbers, and the comparison of all numbers.
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
        By name, the end of its figures' headings; a figure without an edition has the first.
    experiments : collection of str
        The experiments of the paper.

    Raises
    ------
    PaperError
        If an entry is wrong; the message names file, entry and key.
    """
    figures = {}
    first = next(iter(editions))
    entries = (
        (name, {"edition": first, **_source_spelt_out(entry, where)}, where)
        for name, entry, where in named(file)
    )
    for figure, where in of_editions(Figure, entries, editions):
        _refuse_unknown_names(figure, where, experiments)
        figures[figure.name] = figure
    return figures


def _source_spelt_out(entry: Any, where: str) -> dict[str, Any]:
    """The entry with its key ``from``, which cannot be a name in Python, called ``source``."""
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
    """The cells of the configured experiments that a figure shows; none if it cannot be drawn."""
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
    """The runs that a figure is drawn from, cell by cell: those that it shows or chooses from.

    If it shows one repetition, these are of the seeds that all cells have, if there are any.
    """
    shown = cells(figure, experiments)
    if not shown:
        return ()
    present = [experiments[figure.experiment].runs_of(cell) for cell in shown]
    if figure.of_one_repetition:
        common = set.intersection(*({run.seed for run in of_cell} for of_cell in present))
        return tuple(
            run for of_cell in present for run in of_cell if run.seed in common or not common
        )
    return tuple(run for of_cell in present for run in of_cell[: figure.repetitions or None])


def drawable(figures: Mapping[str, Figure], experiments: Mapping[str, Experiment]) -> list[str]:
    """The names of the figures that can be drawn from the configured experiments."""
    return [
        name
        for name, figure in figures.items()
        if not figure.experiment or cells(figure, experiments)
    ]


def caption_of(figure: Figure, experiments: Mapping[str, Experiment]) -> str:
    """The caption, with its fields filled from the cells that the figure shows.

    If the figure shows one repetition, it ends with which one.
    """
    shown = runs(figure, experiments)
    if not shown:
        return figure.caption
    first = shown[0].cell
    of_cells = Counter(run.cell for run in shown)
    caption = figure.caption.format(
        dataset=label("dataset", first.dataset),
        width=first.width,
        depth=depths_by_network((run.cell.network, run.cell.depth) for run in shown),
        activation=first.activation,
        lift=lift_in_a_sentence(first.lift),
        networks=listed(list(dict.fromkeys(run.cell.network for run in shown))),
        repetitions=repetitions(of_cells.values()),
    )
    more = any(
        len(experiments[figure.experiment].runs_of(cell)) > count
        for cell, count in of_cells.items()
    )
    return " ".join([caption, *_choice(figure, shown, more)])


def _choice(figure: Figure, drawn_from: Sequence[Run], more: bool) -> list[str]:
    """What a caption says of the choice of a repetition; which it is, is known only when drawn.

    `more` says whether some cell has repetitions that are not among them.
    """
    seeds = {run.seed for run in drawn_from}
    if not figure.of_one_repetition:
        return []
    if len(seeds) == 1:
        return [f"Seed {seeds.pop()} is the only one that all networks have."] if more else []
    several = len({run.cell for run in drawn_from}) > 1
    mean = " (mean of the runs shown)" if several else ""
    return [
        f"The seed shown is the one with the median validation accuracy{mean} out of {len(seeds)}."
    ]


def varied(shown: Sequence[Run]) -> tuple[str, ...]:
    """The axes on which runs differ (``seed`` is one): they tell rows or lines apart."""
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
