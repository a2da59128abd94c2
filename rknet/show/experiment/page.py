"""The page of an experiment: its setting, its cells to sort and to search, and its curves."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd

from rknet.cell import Cell
from rknet.show.experiment.panels import drawn, panels
from rknet.show.experiment.table import Cells, cells_of, measured
from rknet.show.experiment.words import (
    following,
    heading,
    number,
    setting,
    title,
    value,
    varied,
)
from rknet.show.figures.kinds.curves import mean_over_runs
from rknet.show.labels import METRICS, label, listed, repetitions
from rknet.show.pages.charts import of_panels
from rknet.show.pages.document import document, listing, paragraph
from rknet.show.pages.document import heading as section
from rknet.show.pages.runs import of_cell
from rknet.study.frames import archived_in_words

#: The ways in which a run can end.
_ENDS = ("completed", "stopped", "diverged")
#: The column that says what a run costs.
_COST = "s an epoch"
#: From the name of a column for validation data to the number in it.
_SPREAD = {"std": "std", "from": "ci_low", "to": "ci_high"}


def experiment_page(
    experiment: str,
    metrics: pd.DataFrame,
    costs: pd.DataFrame,
    curves: pd.DataFrame,
    picture: str | Path,
) -> str:
    """The page of an experiment.

    Parameters
    ----------
    experiment : str
        Its name.
    metrics : pandas.DataFrame
        Its metrics, as `rknet.study.frames.collect` returns them.
    costs : pandas.DataFrame
        What its runs cost, as `rknet.study.frames.costs` returns it.
    curves : pandas.DataFrame
        All epochs, as `rknet.study.frames.curves` returns them.
    picture : str or Path
        The PNG file of its curves.
    """
    found = measured(metrics)
    ends = _ends(metrics)
    axes, numbers = _axes(found), _numbers(found)
    counts = pd.DataFrame([ends[cell] for cell in found.cells])
    counts = counts.rename(columns={"completed": "runs"})
    counts["runs"] = [found.runs(cell) for cell in found.cells]
    seconds = costs.groupby(cells_of(costs), sort=False)["seconds_per_epoch"].median()
    numbers[_COST] = seconds[found.cells].to_numpy()
    formats = dict.fromkeys(axes.select_dtypes("float"), number)
    formats |= {**dict.fromkeys(numbers, "{:.2f}"), _COST: _seconds}
    texts = [name for name in axes if not pd.api.types.is_numeric_dtype(axes[name])]
    return document(
        title(experiment),
        [
            paragraph(_about(found)),
            paragraph(" ".join(filter(None, [_ended(ends), archived_in_words(metrics)]))),
            section("Last epoch"),
            paragraph(
                "Each row is a cell, named by the axes that tell it from the others; the number "
                "of its runs leads to these. Means are "
                "over the runs that did not diverge, on validation data unless the heading says "
                "otherwise; std is their standard deviation; from and to are the ends of the 95 % "
                "confidence interval of the mean (Student's t). The last column is how long an "
                "epoch took, the median over the runs, with all that the machine did beside it. "
                f"The files tables/{experiment} (.tex, .md, .csv) have the other columns."
            ),
            listing(
                pd.concat([axes, counts, numbers], axis=1),
                experiment,
                formats,
                choices=texts,
                links={"runs": [[of_cell(cell)] for cell in found.cells]},
            ),
            section("Curves"),
            paragraph(
                "Means of validation data over the runs that did not diverge, with bands of the "
                "standard deviation. Where a run stops early, the mean goes on over the others. "
                "Drag over the curves to enlarge them, and double-click to see all again."
            ),
            of_panels(_panels(found.cells, curves)),
            section("The same as a picture"),
            paragraph(drawn(found.cells, found.of_cells)),
            _picture(picture, f"{title(experiment)}: accuracy and cost over the epochs"),
        ],
    )


def _panels(cells: Sequence[Cell], curves: pd.DataFrame) -> dict[str, dict[str, pd.DataFrame]]:
    """The panels of the picture and those it has no room for: from names to means over runs."""
    curves = curves[curves["split"] == "validation"]
    means = dict(
        list(mean_over_runs(curves.assign(line=cells_of(curves))).groupby("line", sort=False))
    )
    both = panels(cells)
    found = {
        panel: {line: means[cell] for cell, line in lines.items() if cell in means}
        for panel, lines in (both.shown | both.left_out).items()
    }
    return {panel: lines for panel, lines in found.items() if lines}


def _about(found: Cells) -> str:
    """A description of the experiment."""
    many = len(found.cells)
    axes = [axis.replace("_", " ") for axis in varied(found.cells)]
    cells = f"{many} cells, which differ in {listed(axes)}" if axes else "1 cell"
    return " ".join(
        [
            f"{cells}; {repetitions(found.of_cells)}{' of each' if axes else ''}.",
            f"{'The same for all' if axes else 'Its setting'}: {setting(found.cells)}.",
            *following(found.cells),
        ]
    )


def _ends(metrics: pd.DataFrame) -> dict:
    """By cell, how many runs ended in each way."""
    runs = metrics.assign(cell=cells_of(metrics)).drop_duplicates(["cell", "seed"])
    found = {cell: dict.fromkeys(_ENDS, 0) for cell in runs["cell"]}
    for cell, status in zip(runs["cell"], runs["status"], strict=True):
        found[cell][status] += 1
    return found


def _ended(ends: dict) -> str:
    totals = {end: sum(of_cell[end] for of_cell in ends.values()) for end in _ENDS}
    counted = listed([f"{count} {end}" for end, count in totals.items()])
    many = sum(totals.values())
    return (
        f"{many} {'run' if many == 1 else 'runs'}: {counted}. Stopped runs ended early because the "
        "validation cost rose; diverged runs are left out of all means."
    )


def _axes(found: Cells) -> pd.DataFrame:
    """The axes that tell the cells apart, one column each; numbers stay numbers."""
    columns = {}
    for axis in varied(found.cells) or ("network",):
        plain = [getattr(cell, axis) for cell in found.cells]
        texts = [value(axis, cell) for cell in found.cells]
        columns[heading(axis)] = texts if isinstance(plain[0], str) else plain
    return pd.DataFrame(columns)


def _numbers(found: Cells) -> pd.DataFrame:
    """The measurements in printed units: means, and their spread on validation data."""
    columns = {}
    for metric, split in found.quantities:
        rows = pd.DataFrame([found.numbers[cell, metric, split] for cell in found.cells])
        scaled = rows[["mean", "std", "ci_low", "ci_high"]].astype(float) * METRICS[metric].scale
        said = "" if split == "validation" else f"{split} "
        columns[f"{said}{label('metric', metric)}"] = scaled["mean"].to_numpy()
        if split == "validation":
            for word, name in _SPREAD.items():
                columns[f"{METRICS[metric].title} {word}"] = scaled[name].to_numpy()
    return pd.DataFrame(columns)


def _seconds(value: float) -> str:
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def _picture(path: str | Path, text: str) -> str:
    """A picture inside the page, with a text for those who cannot see it."""
    content = b64encode(Path(path).read_bytes()).decode("ascii")
    return (
        f'<img src="data:image/png;base64,{content}" alt="{escape(text)}" '
        'style="max-width: min(100%, 60rem)">'
    )
