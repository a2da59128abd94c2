"""The table of an experiment, with a row for each cell, as LaTeX, Markdown and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rknet.cell import AXES, Cell
from rknet.files import write_text
from rknet.show.experiment.words import (
    following,
    heading,
    name,
    ordered,
    setting,
    telling,
    title,
    value,
)
from rknet.show.labels import METRICS, label, repetitions
from rknet.show.latex import tabular
from rknet.show.tables.files import floating, notes
from rknet.show.tables.layouts import estimates, interval, spread
from rknet.study.frames import seeds_of_cells

#: This metric is left out, because it follows from the accuracy.
_LEFT_OUT = "one_hot_agreement_percent"
_NUMBERS = ["n", "mean", "std", "ci_low", "ci_high"]
#: In points: the width of a page's text; and by font size, the width of a character and of the
#: space between columns, rounded up to be safe.
_PAGE = 345
_SIZES = {r"\footnotesize": (4.4, 3), r"\scriptsize": (4.1, 2)}
#: How many lines of a table fit on a page below its caption, and how many a heading takes.
_LINES, _HEAD = 40, 4
#: A new page begins after this many floats.
_FLOATS = 8
#: If a column for every axis does not fit, one column names the cells: its width as a share of the
#: page, and how many characters fit into it for certain.
_NAMES, _CHARACTERS = r"p{0.5\textwidth}", 40


@dataclass(frozen=True)
class Cells:
    """The cells of an experiment and their numbers.

    Attributes
    ----------
    cells : list of Cell
        In the order of rows.
    quantities : list of tuple
        Pairs of metric and split, in the order of columns.
    numbers : dict
        By cell, metric and split, a row of `rknet.show.tables.layouts.estimates`.
    of_cells : list of int
        The number of repetitions of each cell.
    """

    cells: list[Cell]
    quantities: list[tuple[str, str]]
    numbers: dict[tuple[Cell, str, str], pd.Series]
    of_cells: list[int]

    @property
    def seeds(self) -> int:
        """The largest number of repetitions that a cell has."""
        return max(self.of_cells)

    def runs(self, cell: Cell) -> int:
        """How many runs of a cell did not diverge."""
        return max(int(self.numbers[cell, *quantity]["n"]) for quantity in self.quantities)


def measured(metrics: pd.DataFrame) -> Cells:
    """Means, spreads and intervals of an experiment.

    Parameters
    ----------
    metrics : pandas.DataFrame
        The metrics of one experiment, as `rknet.study.frames.collect` returns them.
    """
    found = estimates(metrics[metrics["metric"] != _LEFT_OUT])
    cells = cells_of(found)
    keys = zip(cells, found["metric"], found["split"], strict=True)
    pairs = set(zip(found["metric"], found["split"], strict=True))
    return Cells(
        ordered(cells),
        [(metric, split) for metric in METRICS for split in ("validation", "training")
         if (metric, split) in pairs],
        dict(zip(keys, (row for _, row in found.iterrows()), strict=True)),
        list(seeds_of_cells(metrics)),
    )  # fmt: skip


def cells_of(frame: pd.DataFrame) -> list[Cell]:
    """The cell of each row of a tidy frame."""
    return [Cell(*values) for values in frame[list(AXES)].itertuples(index=False)]


def write_table(experiment: str, metrics: pd.DataFrame, stem: str | Path) -> None:
    """Write an experiment's table as ``.tex``, ``.md`` and ``.csv``.

    Parameters
    ----------
    experiment : str
        Its name.
    metrics : pandas.DataFrame
        Its metrics, as `rknet.study.frames.collect` returns them.
    stem : str or Path
        Path of the files without suffix.

    Notes
    -----
    Rows are cells, named by the axes that tell them apart; columns are metrics and splits. The CSV
    has all axes, and numbers in natural units.
    """
    found = measured(metrics)
    caption = _caption(experiment, found)
    fewer = any(found.runs(cell) < found.seeds for cell in found.cells)
    note = notes(fewer, metrics)
    write_text(f"{stem}.tex", _latex(experiment, found, caption, note))
    write_text(f"{stem}.md", _markdown(found, caption, note))
    write_text(f"{stem}.csv", _csv(found))


def _caption(experiment: str, found: Cells) -> str:
    shown = (
        f"mean ± standard deviation over {repetitions(found.of_cells)}, number n of runs and 95 % "
        "confidence interval of the mean (Student's t)"
        if found.seeds > 1
        else "values of 1 repetition, which has no standard deviation"
    )
    words = (
        f"{title(experiment)}: {shown}. "
        f"{'The same for all' if len(found.cells) > 1 else 'Its setting'}: {setting(found.cells)}."
    )
    return " ".join([words, *following(found.cells)])


def _rows(found: Cells) -> pd.DataFrame:
    """The name of each cell, with a column for each axis."""
    axes = telling(found.cells) or ("network",)
    return pd.DataFrame(
        {heading(axis): [value(axis, cell) for cell in found.cells] for axis in axes}
    )


def _columns(found: Cells) -> dict[str, pd.DataFrame]:
    """The numbers as texts, by metric and split."""
    columns = {}
    for metric, split in found.quantities:
        rows = [found.numbers[cell, metric, split] for cell in found.cells]
        columns[f"{split} {label('metric', metric)}"] = pd.DataFrame(
            {
                "mean ± std": [spread(row) for row in rows],
                "95 % interval": [interval(row) for row in rows],
            }
        )
    return columns


def _runs(found: Cells) -> pd.DataFrame:
    return pd.DataFrame({"n": [str(found.runs(cell)) for cell in found.cells]})


def _markdown(found: Cells, caption: str, note: str) -> str:
    rows, columns = _rows(found), _columns(found)
    flat = {f"{group}: {kind}": frame[kind] for group, frame in columns.items() for kind in frame}
    body = pd.concat([rows, _runs(found), pd.DataFrame(flat)], axis=1)
    numeric = [_is_numeric(body[column]) for column in rows]
    alignment = ["right" if number else "left" for number in numeric]
    alignment += ["right"] * (len(body.columns) - len(rows.columns))
    text = body.to_markdown(index=False, disable_numparse=True, colalign=alignment)
    # "**Depth narrow.** Mean …"
    name, _, rest = caption.partition(": ")
    lines = [f"**{name}.** {rest[:1].upper()}{rest[1:]}", "", text, ""]
    return "\n".join([*lines, *([note, ""] if note else [])])


def _is_numeric(texts: Sequence[str]) -> bool:
    return bool(pd.to_numeric(pd.Series(texts), errors="coerce").notna().all())


def _csv(found: Cells) -> str:
    """A row for each cell, with numbers in natural units."""
    rows = []
    for cell in found.cells:
        row = {axis: getattr(cell, axis) for axis in AXES}
        for metric, split in found.quantities:
            numbers = found.numbers[cell, metric, split]
            row |= {f"{split}_{metric}_{name}": numbers[name] for name in _NUMBERS}
        rows.append(row)
    return pd.DataFrame(rows).to_csv(index=False, lineterminator="\n", float_format="%.10g")


def _latex(experiment: str, found: Cells, caption: str, note: str) -> str:
    """The table, in as many floats as needed, each no larger than a page."""
    size, blocks, aligned, rows, height = _fitted(found)
    lines: list[str] = []
    for place, (within, part) in enumerate(_parts(blocks, len(rows), height)):
        body = [rf"{size}\setlength{{\tabcolsep}}{{{_SIZES[size][1]}pt}}"]
        for block in within:
            frame = _placed(rows[part], block[part])
            numbers = "r" * (len(block.columns) + 1)
            body += [tabular(frame, aligned + numbers), r"\par\medskip"]
        again = r"\addtocounter{table}{-1}" if place else ""
        said = f"{title(experiment)}, continued." if place else caption
        label = f"{experiment}_{place + 1}" if place else experiment
        # LaTeX cannot hold many floats at a time.
        lines += [r"\clearpage", ""] if place and place % _FLOATS == 0 else []
        lines += floating(label, said, body[:-1], note, again)
    return "\n".join(lines)


def _parts(
    blocks: list[pd.DataFrame], rows: int, height: int
) -> list[tuple[list[pd.DataFrame], slice]]:
    """The blocks and rows that share a float; a row is `height` lines high."""
    together = (_LINES + _HEAD) // (rows * height + _HEAD)
    if together:
        return [(blocks[i : i + together], slice(None)) for i in range(0, len(blocks), together)]
    most = max(1, _LINES // height)
    slices = [slice(start, start + most) for start in range(0, rows, most)]
    return [([block], part) for part in slices for block in blocks]


def _placed(rows: pd.DataFrame, block: pd.DataFrame) -> pd.DataFrame:
    """A block of numbers, with the names of its rows; names that repeat the row above are blank."""
    names = rows.reset_index(drop=True)
    again = (names == names.shift()).cummin(axis=1)
    # The last name of a row stays, because nothing else tells the row from the one above.
    again.iloc[:, -1] = False
    names = names.mask(again, "")
    names.columns = pd.MultiIndex.from_product([[""], names.columns])
    return pd.concat([names, block.reset_index(drop=True)], axis=1)


def _fitted(found: Cells) -> tuple[str, list[pd.DataFrame], str, pd.DataFrame, int]:
    """The font size, the blocks, the alignment and texts of row names, and the lines in a row.

    Two pairs of metric and split side by side are tried first, then one; each in the larger font,
    then in the smaller. The first choice that fits the width of a page is taken.
    """
    rows, columns = _rows(found), _columns(found)
    aligned = "".join("r" if _is_numeric(rows[name]) else "l" for name in rows)
    for beside in (2, 1):
        blocks = _blocks(found, columns, beside)
        for size in _SIZES:
            if max(_width(rows, block, size) for block in blocks) <= _PAGE:
                return size, blocks, aligned, rows, 1
    names = [name(cell, telling(found.cells) or ("network",)) for cell in found.cells]
    height = -(-max(map(len, names)) // _CHARACTERS)
    return r"\scriptsize", _blocks(found, columns, 1), _NAMES, pd.DataFrame({"": names}), height


def _blocks(found: Cells, columns: dict[str, pd.DataFrame], beside: int) -> list[pd.DataFrame]:
    """The numbers of runs and so many metrics and splits side by side."""
    runs = pd.concat({"": _runs(found)}, axis=1)
    groups = list(columns)
    return [
        pd.concat(
            [runs, pd.concat({group: columns[group] for group in groups[i : i + beside]}, axis=1)],
            axis=1,
        )
        for i in range(0, len(groups), beside)
    ]


def _width(rows: pd.DataFrame, block: pd.DataFrame, size: str) -> float:
    """How wide a block is at most, with rows' names before it: points."""
    character, space = _SIZES[size]
    texts = [*rows.set_axis(rows.columns, axis=1).items()]
    texts += [(kind, block[group, kind]) for group, kind in block.columns]
    longest = [max(map(len, [heading, *column])) for heading, column in texts]
    return sum(longest) * character + 2 * space * (len(longest) - 1)
