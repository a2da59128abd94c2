"""Tables for LaTeX, through pandas' Styler; what they make needs booktabs alone."""

from __future__ import annotations

import re
from itertools import groupby

import pandas as pd

#: Characters with a meaning of their own in LaTeX.
_SPECIAL = str.maketrans(
    {
        **{character: rf"\{character}" for character in "%&_#{}$"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
#: Symbols, in the order in which they are replaced.
_SYMBOLS = {
    "× 10⁻¹": r"$\times 10^{-1}$",
    "±": r"$\pm$",
    "−": "$-$",
    "–": "--",
    "†": r"$^{\dagger}$",
    "·": r"$\cdot$",
    "|z|": "$|z|$",
    "<": "$<$",
}


def symbols(text: str) -> str:
    """Replace the symbols used in tables by their commands; nothing is escaped."""
    text = re.sub(r"(d̂|\bL\b)( = [\d, ]*\d)?", r"$\1\2$", text).replace("d̂", r"\hat{d}")
    for symbol, command in _SYMBOLS.items():
        text = text.replace(symbol, command)
    return text


def escaped(text: str) -> str:
    """A sentence for people as LaTeX."""
    return symbols(text.translate(_SPECIAL))


def tabular(frame: pd.DataFrame, column_format: str, bold: pd.DataFrame | None = None) -> str:
    r"""Set a frame of texts as a tabular.

    Parameters
    ----------
    frame : pandas.DataFrame
        Index: the first column's texts, or a RangeIndex, which is left out. Columns of two levels
        are grouped: the upper one spans its group.
    column_format : str
        LaTeX's, such as ``lrr``.
    bold : pandas.DataFrame, optional
        Which cells are bold, without labels.

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
    # Without space at the ends, as booktabs recommends.
    column_format = f"@{{}}{column_format}@{{}}"
    text = styler.to_latex(hrules=True, column_format=column_format, multicol_align="c").strip()
    if frame.columns.nlevels == 2:
        first, rest = text.split(r"\toprule", 1)
        heading, rest = rest.split(r"\\", 1)
        rules = _group_rules(list(frame.columns.get_level_values(0)), 1 + indexed)
        text = rf"{first}\toprule{heading}\\{rules}{rest}"
    return symbols(text)


def _group_rules(groups: list[str], first: int) -> str:
    """Rules below the upper headings; `first` is the number of the first column."""
    rules = []
    for name, members in groupby(groups):
        last = first + len(list(members)) - 1
        if name:
            rules.append(rf"\cmidrule(lr){{{first}-{last}}}")
        first = last + 1
    return "\n" + " ".join(rules) if rules else ""
