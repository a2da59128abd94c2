"""The paper's tables from a tidy frame, as LaTeX (booktabs), Markdown and CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rknet.files import write_text
from rknet.metrics import summarise

#: What each lift is, for headings.
LIFTS = {
    "random": "frozen random lift, as in the published tables",
    "zeros": "padding by zeros, eq. (2.3)",
}
#: Marks a mean over fewer repetitions than there should be.
MARK = "†"
_LATEX_MARK = r"$^{\dagger}$"


@dataclass(frozen=True)
class DepthTable:
    """A table of one metric over depth: networks and splits down, depths across.

    Attributes
    ----------
    name : str
        File name, and the journal's number.
    experiment : str
        The experiment whose metrics it shows.
    metric : str
        As in the tidy frame.
    scale : float
        Factor from natural units to the ones printed.
    caption : str
        In LaTeX; what follows is the setting.
    """

    name: str
    experiment: str
    metric: str
    scale: float
    caption: str


TABLES = {
    table.name: table
    for table in (
        DepthTable("table1", "depth", "accuracy_percent", 1, r"accuracy (\%)"),
        DepthTable("table2", "depth", "cost", 10, r"cost ($\times 10^{-1}$)"),
    )
}


def layout(table: DepthTable, metrics: pd.DataFrame, lift: str) -> pd.DataFrame:
    """The table as printed, for one lift.

    Parameters
    ----------
    table : DepthTable
    metrics : pandas.DataFrame
        As `rknet.metrics.collect` makes it, of the table's experiment.
    lift : str

    Returns
    -------
    pandas.DataFrame
        Text; rows (network, split), columns depth. A mean over fewer runs than there are, since
        some diverged, bears `MARK`; without any run it is a dash.
    """
    summary = summarise(metrics)
    rows = summary[(summary["metric"] == table.metric) & (summary["lift"] == lift)].copy()
    rows["text"] = [
        (f"{mean * table.scale:.2f}" if n else "–") + (MARK if diverged else "")
        for mean, n, diverged in zip(rows["mean"], rows["n"], rows["diverged"], strict=True)
    ]
    networks = list(dict.fromkeys(rows["network"]))
    frame = rows.pivot(index=["network", "split"], columns="depth", values="text")
    order = pd.MultiIndex.from_product(
        [networks, ["training", "validation"]], names=["network", "split"]
    )
    return frame.reindex(order).sort_index(axis=1).fillna("–")


def write(table: DepthTable, metrics: pd.DataFrame, stem: str | Path) -> None:
    """Write the table, once per lift, as ``.tex``, ``.md`` and ``.csv``.

    Parameters
    ----------
    table : DepthTable
    metrics : pandas.DataFrame
        As `rknet.metrics.collect` makes it, of the table's experiment.
    stem : str or Path
        Path of the files without suffix.

    Raises
    ------
    ValueError
        If the cells differ in more than network, depth and lift, so that a place in the table
        would have two values; the message names the axes.
    """
    fixed = [axis for axis in _FIXED if metrics[axis].nunique() > 1]
    if fixed:
        raise ValueError(
            f"{table.name} shows network, depth and lift; the experiment {table.experiment} also "
            f"varies {', '.join(fixed)}: give those cells an experiment of their own"
        )
    lifts = [lift for lift in LIFTS if lift in set(metrics["lift"])]
    frames = {lift: layout(table, metrics, lift) for lift in lifts}
    setting = _setting(metrics)
    marked = any((frame.map(lambda text: MARK in text)).any(axis=None) for frame in frames.values())
    note = f"{MARK} Mean over fewer repetitions: diverged runs are left out." if marked else ""
    write_text(f"{stem}.tex", _latex(table, frames, setting, note))
    write_text(f"{stem}.md", _markdown(table, frames, setting, note))
    csv = pd.concat(frames, names=["lift"]).reset_index().to_csv(index=False, lineterminator="\n")
    write_text(f"{stem}.csv", csv)


_FIXED = [
    *("dataset", "width", "activation", "classifier", "step_size", "epochs"),
    *("batch_size", "learning_rate", "tolerance", "engine"),
]


def _setting(metrics: pd.DataFrame) -> dict[str, str]:
    first = metrics.iloc[0]
    return {
        "dataset": str(first["dataset"]),
        "width": str(first["width"]),
        "activation": str(first["activation"]),
        "repetitions": str(metrics["seed"].nunique()),
    }


def _latex(
    table: DepthTable, frames: dict[str, pd.DataFrame], setting: dict[str, str], note: str
) -> str:
    dataset = setting["dataset"].replace("_", r"\_")
    lines = [
        r"% Needs \usepackage{booktabs}.",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{Mean of training (upper row) and validation (lower row) {table.caption} over "
        rf"{setting['repetitions']} repetitions on \texttt{{{dataset}}} with network width "
        rf"$\hat{{d}} = {setting['width']}$ and {setting['activation']} activation.}}",
        rf"\label{{tab:{table.name}}}",
    ]
    for lift, frame in frames.items():
        text = frame.map(lambda cell: cell.replace(MARK, _LATEX_MARK).replace("–", "--"))
        text = text.droplevel("split")
        text.index = [name if i % 2 == 0 else "" for i, name in enumerate(text.index)]
        text.columns = pd.Index([str(depth) for depth in text.columns], name="depth $L$")
        tabular = text.style.to_latex(hrules=True, column_format="l" + "r" * len(text.columns))
        lines += [
            rf"\par\medskip {LIFTS[lift].capitalize()}\par\smallskip",
            tabular.strip(),
        ]
    if note:
        lines.append(r"\par\smallskip " + note.replace(MARK, _LATEX_MARK))
    return "\n".join([*lines, r"\end{table}", ""])


def _markdown(
    table: DepthTable, frames: dict[str, pd.DataFrame], setting: dict[str, str], note: str
) -> str:
    what = table.caption.replace(r"\%", "%").replace(r"$\times 10^{-1}$", "× 10⁻¹")
    lines = [
        f"**{table.name.replace('table', 'Table ')}.** Mean {what} over {setting['repetitions']} "
        f"repetitions on {setting['dataset']}, width {setting['width']}, {setting['activation']}.",
        "",
    ]
    for lift, frame in frames.items():
        body = frame.reset_index().rename(columns=str)
        lines += [
            f"{LIFTS[lift].capitalize()}:",
            "",
            body.to_markdown(index=False, disable_numparse=True, colalign=_alignment(body)),
            "",
        ]
    return "\n".join([*lines, *([note, ""] if note else [])])


def _alignment(frame: pd.DataFrame) -> list[str]:
    return ["left", "left", *["right"] * (len(frame.columns) - 2)]
