"""Writes tables to files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from rknet.files import write_text
from rknet.show.labels import ARCHIVED, LIFTS, label, lift_heading
from rknet.show.latex import escaped, tabular
from rknet.show.tables.layouts import (
    MARK,
    Layout,
    cells,
    flat,
    intervals,
    layout,
    setting,
    shown_in,
)
from rknet.show.tables.table import Table
from rknet.study.frames import archived_in_words

#: The number of column groups with intervals that fit side by side on a page.
_GROUPS = 2
#: The note that explains `MARK`.
FEWER = f"{MARK} Mean over fewer repetitions: runs that diverged or are not there are left out."
_INTERVAL = "with the 95 % confidence interval of the mean (Student's t)"


def write(
    table: Table, metrics: pd.DataFrame, stem: str | Path, words: Mapping[str, str] | None = None
) -> None:
    """Write the table as ``.tex``, ``.md`` and ``.csv``, with and without intervals.

    Parameters
    ----------
    table : Table
    metrics : pandas.DataFrame
        As `rknet.study.frames.collect` makes it, of the table's experiment.
    stem : str or Path
        Path of the files without suffix; the names of those with intervals end in ``_intervals``.
        Each file shows the table once for each lift.
    words : mapping, optional
        By lift, what the heading says in addition to the lift's name.

    Raises
    ------
    ValueError
        If a place in the table would have two values; the message names the axes.
    """
    found = cells(table, metrics)
    lifts = [lift for lift in LIFTS if lift in set(metrics["lift"])]
    caption = f"{table.caption.format(**setting(table, metrics))}. {table.note}".strip()
    if found["n"].max() == 1:
        caption = caption.replace("Mean and standard deviation of", "Values of", 1)
    note = notes(found["fewer"].any(), shown_in(table, metrics))

    layouts = {lift: layout(table, metrics, lift) for lift in lifts}
    headings = {lift: _capitalised(lift_heading(lift, words or {})) for lift in lifts}
    write_text(f"{stem}.tex", _latex(table, layouts, headings, caption, note))
    plain = {headings[lift]: _bold(table, placed) for lift, placed in layouts.items()}
    write_text(f"{stem}.md", _markdown(table, plain, _without_rows(caption), note))
    write_text(f"{stem}.csv", _csv(table, layouts))

    spread = {lift: intervals(table, metrics, lift) for lift in lifts}
    caption = _interval_caption(caption)
    write_text(f"{stem}_intervals.tex", _latex_intervals(table, spread, headings, caption, note))
    plain = {headings[lift]: _flat_intervals(frame) for lift, frame in spread.items()}
    write_text(f"{stem}_intervals.md", _markdown(table, plain, caption, note))
    write_text(f"{stem}_intervals.csv", _csv_intervals(found))


def notes(fewer: bool, metrics: pd.DataFrame) -> str:
    """The note below a table: what its marks mean, and which runs are from the archive."""
    taken = archived_in_words(metrics)
    return " ".join([*([FEWER] if fewer else []), *([f"{ARCHIVED} {taken}"] if taken else [])])


def _without_rows(caption: str) -> str:
    """The caption of the layout in which each row has a name."""
    return re.sub(r" \((upper|lower) row\)|, (upper|middle|lower) row", "", caption)


def _interval_caption(caption: str) -> str:
    caption = re.sub(r"^\w+ of", "Mean ± standard deviation of", _without_rows(caption))
    return re.sub(r"(?<=activation)(, on [^.]*)?(?=\.)", rf"\1, {_INTERVAL}", caption, count=1)


def _latex(
    table: Table, layouts: dict[str, Layout], headings: dict[str, str], caption: str, note: str
) -> str:
    body = []
    for lift, (text, best) in layouts.items():
        frame = text.set_axis(_headings(table, text.columns), axis=1)
        frame.index = pd.Index(_row_labels(text.index))
        bold = best.set_axis(frame.columns, axis=1)
        aligned = "l" + "r" * len(frame.columns)
        body += [_lift_heading(headings[lift]), tabular(frame, aligned, bold)]
    # Seven depths, or six datasets, are as wide as a page.
    body.insert(0, r"\small\setlength{\tabcolsep}{4pt}")
    return "\n".join(floating(table.name, caption, body, note, _number(table)))


def _latex_intervals(
    table: Table,
    frames: dict[str, pd.DataFrame],
    headings: dict[str, str],
    caption: str,
    note: str,
) -> str:
    lines = []
    size, space = (r"\scriptsize", 2) if "dataset" in table.long_rows else (r"\footnotesize", 3)
    for lift, frame in frames.items():
        body = [rf"{size}\setlength{{\tabcolsep}}{{{space}pt}}", _lift_heading(headings[lift])]
        rows = _labelled_rows(frame.index)
        every = list(frame.columns.unique(0))
        for groups in (every[i : i + _GROUPS] for i in range(0, len(every), _GROUPS)):
            part = frame[groups].reset_index(drop=True)
            names = pd.MultiIndex.from_product([[""], rows.columns])
            part = pd.concat([rows.set_axis(names, axis=1), part], axis=1)
            aligned = "l" * len(names) + "rrc" * len(groups)
            body += [tabular(part, aligned), r"\par\smallskip"]
        name = f"{table.name}_intervals_{lift}"
        lines += floating(name, caption, body[:-1], note, _number(table))
    return "\n".join(lines)


def _number(table: Table) -> str:
    return rf"\renewcommand{{\thetable}}{{{table.heading.removeprefix('Table ')}}}"


def floating(
    name: str, caption: str, body: Iterable[str], note: str = "", number: str = ""
) -> list[str]:
    """The lines of LaTeX of a floating table.

    Parameters
    ----------
    name : str
        The name in its label.
    caption, note : str
        The text above and below it.
    body : iterable of str
        LaTeX.
    number : str, optional
        LaTeX that sets the table's number.
    """
    return [
        r"% Needs \usepackage{booktabs}.",
        r"\begin{table}",
        *([number] if number else []),
        r"\centering",
        rf"\caption{{{escaped(caption)}}}",
        rf"\label{{tab:{name}}}",
        *body,
        *([r"\par\smallskip " + escaped(note)] if note else []),
        r"\end{table}",
        "",
    ]


def _lift_heading(heading: str) -> str:
    return rf"\par\medskip {heading}\par\smallskip"


def _headings(table: Table, columns: pd.Index) -> pd.Index:
    """Two levels of headings: the heading of a group of columns, and their own, if any."""
    if table.columns == ("depth",):
        return pd.MultiIndex.from_tuples([("depth L", str(depth)) for depth in columns])
    if table.columns == ("dataset",):
        names = [label("dataset", dataset).partition(" ") for dataset in columns]
        if not any(which for *_, which in names):
            return pd.Index([name for name, *_ in names])
        return pd.MultiIndex.from_tuples([(family, which) for family, _, which in names])
    return pd.MultiIndex.from_tuples(
        [(label("metric", metric), split) for metric, split in columns]
    )


def _row_labels(rows: pd.Index) -> list[str]:
    """The label of each row; if a network has several rows, only the first one names it."""
    if rows.nlevels == 1:
        return [label(str(rows.name), value) for value in rows]
    names = [name for name, *_ in rows]
    return ["" if place and name == names[place - 1] else name for place, name in enumerate(names)]


def _labelled_rows(rows: pd.Index) -> pd.DataFrame:
    """The axes of rows as columns of texts; below a symbol as heading, numbers need no symbol."""
    frame = rows.to_frame(index=False)
    for axis in frame:
        plain = axis in ("depth", "width")
        frame[axis] = [str(v) if plain else label(axis, v) for v in frame[axis]]
    frame = frame.rename(columns={"depth": "L", "width": "d̂"})
    if len(frame.columns) > 1:
        repeated = frame.iloc[:, 0] == frame.iloc[:, 0].shift()
        frame.iloc[:, 0] = frame.iloc[:, 0].mask(repeated, "")
    return frame


def _bold(table: Table, placed: Layout) -> pd.DataFrame:
    """The table as `flat` lays it out, with the best in bold."""
    return flat(table, placed.text.where(~placed.best, "**" + placed.text + "**"))


def _flat_intervals(frame: pd.DataFrame) -> pd.DataFrame:
    names = [f"{group}: {quantity}" for group, quantity in frame.columns]
    rows = frame.index.to_frame(index=False)
    for axis in rows:
        rows[axis] = [label(axis, value) for value in rows[axis]]
    return pd.concat([rows, frame.set_axis(names, axis=1).reset_index(drop=True)], axis=1)


def _markdown(table: Table, bodies: dict[str, pd.DataFrame], caption: str, note: str) -> str:
    lines = [f"**{table.heading}.** {caption}", ""]
    for heading, body in bodies.items():
        texts = sum(name in _AXES for name in body)
        alignment = ["left"] * texts + ["right"] * (len(body.columns) - texts)
        lines += [
            f"{heading}:",
            "",
            body.to_markdown(index=False, disable_numparse=True, colalign=alignment),
            "",
        ]
    return "\n".join([*lines, *([note, ""] if note else [])])


_AXES = {"network", "dataset", "width", "depth", "split", "metric", "statistic"}


def _csv(table: Table, layouts: dict[str, Layout]) -> str:
    """The table as printed; axes keep the tidy frame's values, but metrics are named with units."""
    frames = {}
    for lift, (text, _) in layouts.items():
        frame = text.copy()
        if "metric" in table.columns:
            frame.columns = pd.Index([f"{split} {label('metric', m)}" for m, split in text.columns])
        frame = frame.reset_index()
        if "metric" in frame:
            frame["metric"] = frame["metric"].map(lambda metric: label("metric", metric))
        frames[lift] = frame
    together = pd.concat(frames, names=["lift"]).reset_index(level="lift")
    return together.to_csv(index=False, lineterminator="\n")


def _csv_intervals(found: pd.DataFrame) -> str:
    """The table with one number in each row, in natural units."""
    axes = ["lift", "dataset", "network", "width", "depth", "activation", "split", "metric"]
    order = {lift: place for place, lift in enumerate(LIFTS)}
    rows = found.sort_values("lift", key=lambda lifts: lifts.map(order), kind="stable")
    columns = [*axes, "mean", "std", "n", "ci_low", "ci_high"]
    return rows[columns].to_csv(index=False, lineterminator="\n", float_format="%.10g")


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
