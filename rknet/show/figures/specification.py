"""Which figures there are: what each shows, of which runs.

Light to import, as the workflow asks it which files a figure needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, NamedTuple

from rknet.cell import AXES, Cell
from rknet.show.labels import depths_by_network, label, listed
from rknet.study.grids import Experiment, Run

#: Where an experiment has several lifts, that of the published tables.
_PUBLISHED_LIFT = {"lift": "random"}


@dataclass(frozen=True)
class Figure:
    """A figure of the paper.

    Attributes
    ----------
    name : str
        File name.
    number : int
        In the journal.
    preprint : int or None
        In the preprint.
    caption : str
        With fields in braces for the setting, see `caption_of`.
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
    needs : tuple of str
        The files of a run that it is drawn from, beside the record.
    """

    name: str
    number: int
    preprint: int | None
    caption: str
    experiment: str = ""
    only: Mapping[str, object] = field(default_factory=dict)
    depths: Mapping[str, int] = field(default_factory=dict)
    preferred: Mapping[str, object] = field(default_factory=dict)
    repetitions: int = 1
    needs: ClassVar[tuple[str, ...]] = ()

    @property
    def heading(self) -> str:
        """What it is called."""
        return f"Figure {self.number}" + " in miniature" * (self.experiment == "digits")


@dataclass(frozen=True)
class TableauFigure(Figure):
    """Butcher tableaus."""


@dataclass(frozen=True)
class ScatterFigure(Figure):
    """Training points of datasets, coloured by class.

    Attributes
    ----------
    datasets : tuple of tuples of str
        Names, by rows.
    """

    datasets: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class PanelFigure(Figure):
    """Panels of trained networks: a row a run, a column a kind of panel.

    Attributes
    ----------
    panels : tuple of str
        Kinds: ``trajectories``, ``transformation`` (feature coordinates), ``pca_3d``, ``pca_2d``
        (output features reduced) and ``prediction``.
    runs_across : bool
        Whether runs are the columns.
    """

    panels: tuple[str, ...] = ()
    runs_across: bool = False
    needs: ClassVar[tuple[str, ...]] = ("parameters.safetensors",)


@dataclass(frozen=True)
class LayerFigure(Figure):
    """Features by PCA to 3D from the input to the output layer: a row a run, a column a layer.

    Attributes
    ----------
    layers : int
        How many are shown, evenly chosen.
    """

    layers: int = 5
    needs: ClassVar[tuple[str, ...]] = ("parameters.safetensors",)


@dataclass(frozen=True)
class ExamplesFigure(Figure):
    """Validation images with their true and their predicted class, wrong ones marked."""

    needs: ClassVar[tuple[str, ...]] = ("outputs.npz",)


@dataclass(frozen=True)
class OutputFigure(Figure):
    """Features of images in the output layer by PCA to 3D: a column a run."""

    needs: ClassVar[tuple[str, ...]] = ("outputs.npz",)


@dataclass(frozen=True)
class CurveFigure(Figure):
    """Accuracy (left) and cost (right) over epochs: mean over repetitions, a line a cell.

    Attributes
    ----------
    splits : tuple of str
        ``validation`` is solid, ``training`` dotted.
    band : bool
        Whether the standard deviation over repetitions is shaded.
    epochs : int or None
        The last epoch shown; all if None.
    """

    repetitions: int = 0
    splits: tuple[str, ...] = ("validation",)
    band: bool = False
    epochs: int | None = None
    needs: ClassVar[tuple[str, ...]] = ("history.csv",)


class Files(NamedTuple):
    """The files a figure is drawn from; those of runs in the order of the runs.

    Attributes
    ----------
    records, parameters, histories : sequences of str
        ``run.json``, ``parameters.safetensors`` and ``history.csv`` of the runs shown.
    datasets : sequence of str
        Of those runs, or of a scatter figure, row by row.
    outputs : sequence of str
        ``outputs.npz`` of the runs shown.
    """

    records: list[str]
    parameters: list[str]
    histories: list[str]
    datasets: list[str]
    outputs: list[str] = []  # noqa: RUF012 - a tuple's default, that nothing changes


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


def drawable(experiments: Mapping[str, Experiment]) -> list[str]:
    """Names of the figures that can be drawn of the configured experiments."""
    return [
        name
        for name, figure in FIGURES.items()
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
        lift={"random": "a frozen random lift", "zeros": "padding by zeros"}[first.lift],
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


_WIDTHS = PanelFigure(
    name="figure3",
    number=3,
    preprint=3,
    caption="Classification of {dataset} with RK4Net, without space augmentation (width d̂ = 2, "
    "NODE, upper row) and with it (d̂ = 3, ANODE, lower row), {depth}, {activation} activation and "
    "{lift}. From left to right: trajectories of features through the layers, from the small to "
    "the large dot; features in the output layer; prediction, on a background of the class "
    "probabilities. Features are coloured by true class, predictions by predicted class.",
    experiment="width",
    only={"dataset": "donut_2d", "network": "RK4Net"},
    panels=("trajectories", "transformation", "prediction"),
)
_ARCHITECTURES = PanelFigure(
    name="figure10",
    number=10,
    preprint=9,
    caption="Classification of {dataset} with {networks}, width d̂ = {width}, {depth}, "
    "{activation} activation and {lift}. From left to right: features in the output layer by PCA "
    "in 3D and in 2D, and prediction; the background shows the class probabilities. Features are "
    "coloured by true class, predictions by predicted class.",
    experiment="architecture",
    only={"dataset": "donut_2d_6c"},
    preferred=_PUBLISHED_LIFT,
    panels=("pca_3d", "pca_2d", "prediction"),
)
_CONVERGENCE = CurveFigure(
    name="figure12",
    number=12,
    preprint=11,
    caption="Validation accuracy (left) and cost (right) over the epochs on {dataset} with "
    "{networks}, width d̂ = {width}, {depth}, {activation} activation and {lift}. Lines are means "
    "over {repetitions} repetitions, bands the standard deviation.",
    experiment="architecture",
    only={"dataset": "donut_3d_6c"},
    preferred=_PUBLISHED_LIFT,
    band=True,
    epochs=14,
)


_SHALLOW = {"StandardNet": 5}
_EXAMPLES = ExamplesFigure(
    name="figure14",
    number=14,
    preprint=None,
    caption="Validation images of {dataset}: the true class, and below it what {networks} "
    "predicts (width d̂ = {width}, {depth}, {activation} activation and {lift}). Wrong predictions "
    "are framed and crossed. The images are the first that were drawn, not chosen.",
    experiment="images",
    only={"dataset": "mnist", "network": "RK4Net", "width": 900},
)
_OUTPUTS = OutputFigure(
    name="figure16",
    number=16,
    preprint=None,
    caption="Features of the validation images of {dataset} in the output layer, by PCA in 3D, "
    "with {networks}, width d̂ = {width}, {depth}, {activation} activation and {lift}. Each colour "
    "is a class.",
    experiment="images",
    only={"dataset": "fashion_mnist", "width": 900, "network": ("StandardNet", "RK4Net")},
    depths=_SHALLOW,
)
_IMAGE_CONVERGENCE = CurveFigure(
    name="figure17",
    number=17,
    preprint=None,
    caption="Accuracy (left) and cost (right) over the epochs on {dataset} with {networks}, width "
    "d̂ = {width}, {depth}, {activation} activation and {lift}, means over {repetitions} "
    "repetitions. Solid lines: validation, dotted lines: training.",
    experiment="images",
    only={"dataset": "mnist", "width": 900},
    depths=_SHALLOW,
    splits=("validation", "training"),
    epochs=25,
)


def _in_miniature(figure: Figure) -> Figure:
    """The figure of the digits that scikit-learn bundles."""
    only = {**figure.only, "dataset": "digits", "width": 100}
    return replace(figure, name=f"digits_{figure.name}", experiment="digits", only=only)


def _like(figure: Figure, number: int, preprint: int | None, **changes: object) -> Figure:
    return replace(figure, name=f"figure{number}", number=number, preprint=preprint, **changes)


#: The module whose `draw` draws each kind.
DRAWERS: dict[type[Figure], str] = {
    TableauFigure: "tableaus",
    ScatterFigure: "scatter",
    PanelFigure: "panels",
    LayerFigure: "layers",
    CurveFigure: "curves",
    ExamplesFigure: "examples",
    OutputFigure: "output_features",
}

#: The figures of the paper, by name.
FIGURES: dict[str, Figure] = {
    figure.name: figure
    for figure in (
        TableauFigure(
            name="figure1",
            number=1,
            preprint=1,
            caption="Butcher tableaus: general form, forward Euler and classic RK4.",
        ),
        ScatterFigure(
            name="figure2",
            number=2,
            preprint=2,
            caption="Datasets for binary classification in two dimensions, 1500 points each; noise "
            "carries a few points out of the panels.",
            datasets=(("donut_1d", "donut_2d", "squares", "spiral"),),
        ),
        _WIDTHS,
        _like(_WIDTHS, 4, 4, only={"dataset": "squares", "network": "RK4Net"}),
        LayerFigure(
            name="figure5",
            number=5,
            preprint=5,
            caption="Features of {dataset} from the input layer (left) to the output layer "
            "(right), by PCA in 3D, with {networks}, width d̂ = {width}, {depth}, {activation} "
            "activation and {lift}.",
            experiment="depth",
            only={"dataset": "spiral"},
            preferred={"depth": 20, **_PUBLISHED_LIFT},
        ),
        PanelFigure(
            name="figure6",
            number=6,
            preprint=6,
            caption="Prediction of {dataset} with RK4Net, width d̂ = {width}, {depth}, "
            "{activation} activation and {lift}; the background shows the class probabilities.",
            experiment="activation",
            only={"dataset": "donut_1d", "network": "RK4Net"},
            preferred={"depth": 20, "activation": "tanh", **_PUBLISHED_LIFT},
            panels=("prediction",),
        ),
        CurveFigure(
            name="figure7",
            number=7,
            preprint=7,
            caption="Accuracy (left) and cost (right) over the epochs on {dataset} with RK4Net, "
            "width d̂ = {width}, {depth} and {lift}, means over {repetitions} repetitions. Solid "
            "lines: validation, dotted lines: training.",
            experiment="activation",
            only={"dataset": "donut_1d", "network": "RK4Net"},
            preferred={"depth": 20, **_PUBLISHED_LIFT},
            splits=("validation", "training"),
        ),
        ScatterFigure(
            name="figure8",
            number=8,
            preprint=8,
            caption="Donut and squares datasets of two and three dimensions and two to six "
            "classes, 1500 points each; noise carries a few points out of the panels. In three "
            "dimensions the octant towards the reader is faint, so that what is inside can be "
            "seen.",
            datasets=(
                ("donut_3d_2c", "donut_2d_6c", "donut_3d_6c"),
                ("donut_3d_3c", "squares_2d_4c", "squares_3d_4c"),
            ),
        ),
        PanelFigure(
            name="figure9",
            number=9,
            preprint=None,
            caption="Repetitions with RK4Net, width d̂ = {width}, {depth}, {activation} "
            "activation and {lift}, on {dataset}: features in the output layer by PCA in 3D "
            "(upper row) and prediction (lower row), on a background of the class "
            "probabilities.",
            experiment="architecture",
            only={"dataset": "donut_2d_6c", "network": "RK4Net"},
            preferred=_PUBLISHED_LIFT,
            repetitions=4,
            panels=("pca_3d", "prediction"),
            runs_across=True,
        ),
        _ARCHITECTURES,
        _like(_ARCHITECTURES, 11, 10, only={"dataset": "squares_2d_4c"}),
        _CONVERGENCE,
        _like(_CONVERGENCE, 13, 12, only={"dataset": "squares_3d_4c"}),
        _EXAMPLES,
        _like(_EXAMPLES, 15, None, only={**_EXAMPLES.only, "dataset": "fashion_mnist"}),
        _OUTPUTS,
        _IMAGE_CONVERGENCE,
        _like(_IMAGE_CONVERGENCE, 18, None, only={"dataset": "fashion_mnist", "width": 900}),
        *map(_in_miniature, (_EXAMPLES, _OUTPUTS, _IMAGE_CONVERGENCE)),
    )
}
#: The figures whose runs are animated.
ANIMATED = ("figure3", "figure4", "figure5", "figure10", "figure11")
#: What is animated of a run.
MOTIONS = ("trajectories", "transformation")
