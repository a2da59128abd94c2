"""Curves over the epochs in a page, to look at line by line: the data, and what draws them."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

#: The metrics that are drawn, by their names in `charts.js`, with the digits that are kept.
_METRICS = {"accuracy": ("accuracy_percent", 2), "cost": ("cost", 4)}
#: The columns of a history in the order in which `charts.js` reads them, with the digits.
_COLUMNS = {
    f"{split}_{metric}": digits
    for split in ("training", "validation")
    for metric, digits in (("cost", 4), ("accuracy_percent", 2))
}
#: Ten thousand times as much, and less, JavaScript adds exactly.
_LARGE = 1e11
#: A page holds at most about so many epochs of runs, two megabytes: those of 2,400 runs of 41.
MOST_EPOCHS = 100_000


@cache
def drawing() -> tuple[str, str]:
    """Style and scripts that draw, for the head and the end of a page: 60 KB.

    Of the libraries that draw in a browser, uPlot is by far the smallest: 51 KB. Bokeh's script has
    1.3 MB, Plotly's 4.8 MB, and Vega's, which needs an interpreter to do without eval, comes in a
    package of 33 MB. No package of Python has uPlot, so its files are here, as npm's uplot 1.6.32
    has them.
    A canvas tells readers of screens nothing: the table and the slider of `charts.js` tell them,
    and those who have no mouse, every value.
    """
    here = Path(__file__).parent
    read = {
        name: (here / name).read_text(encoding="utf-8")
        for name in ("uPlot.iife.min.js", "uPlot.min.css", "uPlot.LICENSE", "charts.js")
    }
    style = f"<style>{read['uPlot.min.css']}{_STYLE}</style>\n"
    licence = f"/*\n{read['uPlot.LICENSE']}\n*/\n"
    # Those who listen must be there before the script of the lists looks at the page's address.
    scripts = (
        f"<script>{licence}{read['uPlot.iife.min.js']}</script>\n"
        f"<script>(() => {{\n{read['charts.js']}}})();</script>\n"
    )
    return style, scripts


_STYLE = """
:root { --curve-0: #1d4ed8; --curve-1: #b45309; --curve-2: #15803d; --curve-3: #be123c;
  --curve-4: #7e22ce; --curve-5: #475569; }
@media (prefers-color-scheme: dark) {
  :root { --curve-0: #93c5fd; --curve-1: #fdba74; --curve-2: #86efac; --curve-3: #fda4af;
    --curve-4: #d8b4fe; --curve-5: #cbd5e1; }
}
.panes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
  gap: 1rem; max-width: 72rem; }
.pane { min-width: 0; overflow: hidden; }
.uplot { font: inherit; }
.u-hz .u-cursor-x { border-right-color: var(--edge); }
#run h2 { scroll-margin-top: 1rem; }
#run h2:focus { outline: none; }
table.plain.legend :is(td, th) { vertical-align: middle; padding-top: .2rem; }
.legend button { font: inherit; color: inherit; background: none; border: 1px solid var(--edge);
  border-radius: .25rem; padding: .2rem .5rem; min-height: 1.7rem; text-align: left; }
.legend button[aria-pressed=false] { color: var(--soft); text-decoration: line-through; }
.sample { display: inline-block; width: 1.75rem; margin-right: .5rem; vertical-align: middle; }
input[type=range] { width: min(20rem, 50vw); margin-left: .75rem; vertical-align: middle; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr));
  gap: .5rem 1rem; max-width: 72rem; }
dl.facts dt { color: var(--soft); font-size: 12px; }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
"""


def _data(kind: str, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # No text may end the element.
    text = text.replace("<", "\\u003c")
    return f'<script type="application/json" class="{kind}">{text}</script>'


#: A curve: numbers that `_differences` writes.
_Curve = list[int | list[float] | None]


def _differences(values: Iterable[float], digits: int) -> _Curve:
    """Values as whole numbers of the last digit, each as what it adds to the one before.

    One that is too large to be added to exactly is a list of its own, and nothing is added to it.
    """
    before = 0
    found: _Curve = []
    for value in values:
        if not math.isfinite(value):
            found.append(None)
        elif abs(value) >= _LARGE:
            found.append([value])
        else:
            whole = round(value * 10**digits)
            found.append(whole - before)
            before = whole
    return found


def step(epochs: Sequence[int]) -> int:
    """Of runs with these numbers of epochs, every how many-th a page has room for."""
    return max(1, math.ceil(sum(epochs) / MOST_EPOCHS))


def history(path: str | Path, every: int) -> list[_Curve]:
    """The curves of a run: every so many-th epoch, and the last.

    Parameters
    ----------
    path : str or Path
        Its ``history.csv``.
    every : int

    Returns
    -------
    list of list
        For each column of the history, training before validation, as `_differences` writes it.
    """
    # Of thousands of short files, pandas would take ten times as long.
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = [*rows[:-1:every], rows[-1]]
    return [
        _differences((float(row[column] or "nan") for row in shown), digits)
        for column, digits in _COLUMNS.items()
    ]


def of_runs(
    every: int,
    settings: Sequence[Mapping[str, str]],
    origins: Sequence[Mapping[str, Any]],
    runs: Mapping[str, Mapping[str, Any]],
) -> str:
    """What the page of the runs draws if one is chosen, and the place for it.

    Parameters
    ----------
    every : int
        As `history` takes it.
    settings, origins : sequence of mappings
        What many runs share: settings in words; files, and what made them.
    runs : mapping
        By the run's path: the numbers of its ``setting`` and ``origin``, its ``dataset`` file,
        by what it is called, ``last`` epoch and ``curves``, as `history` gives them.
    """
    content = {"every": every, "settings": settings, "origins": origins, "runs": runs}
    return f'<section id="run" hidden></section>\n{_data("runs", content)}'


def of_panels(panels: Mapping[str, Mapping[str, pd.DataFrame]]) -> str:
    """A chart of means with bands, of one panel or, as the reader chooses, one of several.

    Parameters
    ----------
    panels : mapping
        From a panel's title to its lines by name: frames with ``metric``, ``epoch``, ``mean`` and
        ``std``, as `rknet.show.figures.kinds.curves.mean_over_runs` gives them.

    Returns
    -------
    str
        Nothing, if there is no line: all runs diverged.
    """
    frames = [frame for lines in panels.values() for frame in lines.values()]
    if not frames:
        return ""
    epochs = np.unique(np.concatenate([frame["epoch"] for frame in frames])).tolist()

    def values(frame: pd.DataFrame, metric: str, digits: int) -> list[_Curve]:
        of_metric = frame[frame["metric"] == metric].set_index("epoch").reindex(epochs)
        return [_differences(of_metric[column], digits) for column in ("mean", "std")]

    found = [
        {
            "title": title,
            "lines": [
                {"name": name, **{key: values(frame, *about) for key, about in _METRICS.items()}}
                for name, frame in lines.items()
            ],
        }
        for title, lines in panels.items()
    ]
    return _data("panels", {"epochs": epochs, "panels": found})
