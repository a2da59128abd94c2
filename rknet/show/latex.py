"""Tables for LaTeX, through pandas' Styler; they need only the package booktabs."""

from __future__ import annotations

import re
from itertools import groupby

import pandas as pd

#: Characters with a special meaning in LaTeX.
_SPECIAL = str.maketrans(
    {
        **{character: rf"\{character}" for character in "%&_#{}$"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
#: Symbols and their commands, in the order in which they are replaced.
_SYMBOLS = {
    "× 10⁻¹": r"$\times 10^{-1}$",
    "±": r"$\pm$",
    "−": "$-$",
    "–": "--",
    "†": r"$^{\dagger}$",
    "‡": r"$^{\ddagger}$",
    "·": r"$\cdot$",
    "δ": r"$\delta$",
    "|z|": "$|z|$",
    "<": "$<$",
}


def symbols(text: str) -> str:
    """Replace the symbols used in tables by their commands; escape nothing."""
    text = re.sub(r"(d̂|\bL\b)( = [\d, ]*\d)?", r"$\1\2$", text).replace("d̂", r"\hat{d}")
    for symbol, command in _SYMBOLS.items():
        text = text.replace(symbol, command)
    return text


def escaped(text: str) -> str:
    """A text for readers, as LaTeX."""
    return symbols(text.translate(_SPECIAL))


def tabular(frame: pd.DataFrame, column_format: str, bold: pd.DataFrame | None = None) -> str:
    r"""Set a frame of texts as a tabular.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its index holds the texts of the first column; a RangeIndex is left out. Columns with two
        levels are grouped: the upper heading spans its group.
    column_format : str
        As LaTeX takes it, such as ``lrr``.
    bold : pandas.DataFrame, optional
        Says which cells are bold; has no row labels.

    Returns
    -------
    str
        From ``\begin{tabular}`` to ``\end{tabular}``.
    """
    indexed = not isinstance(frame.index, pd.RangeIndex)
    numbered = frame.set_axis(range(len(frame)), axis=0)
    styler = numbered.style.format(escape="latex").format_index(escape="latex", axis=1)
    if indexed:
        # Labels may repeat, which a Styler's index may not.
        styler = styler.relabel_index([str(name).translate(_SPECIAL) for name in frame.index])
    else:
        styler = styler.hide(axis=0)
    if bold is not None:
        marks = bold.set_axis(range(len(bold)), axis=0)
        props = marks.map(lambda best: "textbf:--rwrap;" if best else "")
        styler = styler.apply(lambda _: props, axis=None)
    # No space at the ends, as booktabs recommends.
    column_format = f"@{{}}{column_format}@{{}}"
    text = styler.to_latex(hrules=True, column_format=column_format, multicol_align="c").strip()
    if frame.columns.nlevels == 2:
        first, rest = text.split(r"\toprule", 1)
        heading, rest = rest.split(r"\\", 1)
        rules = _group_rules(list(frame.columns.get_level_values(0)), 1 + indexed)
        text = rf"{first}\toprule{heading}\\{rules}{rest}"
    return symbols(text)


def _group_rules(groups: list[str], first: int) -> str:
    """The rules below the upper headings; `first` is the number of the first column."""
    rules = []
    for name, members in groupby(groups):
        last = first + len(list(members)) - 1
        if name:
            rules.append(rf"\cmidrule(lr){{{first}-{last}}}")
        first = last + 1
    return "\n" + " ".join(rules) if rules else ""
