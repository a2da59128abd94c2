"""Self-contained HTML: a page, a table to read, and a list to sort and search.

A page loads nothing, and its policy forbids loading. All text from data is escaped. A list is a
plain HTML table with all its rows, so it can also be read without JavaScript; DataTables (from the
package itables) makes it sortable. A page is light or dark as the reader's system is, and fits a
phone: only tables scroll sideways, and the keyboard reaches them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from html import escape
from itertools import zip_longest
from numbers import Real
from pathlib import Path
from urllib.parse import quote, unquote

import itables.options
import pandas as pd

from rknet.show.pages.charts import drawing

#: Says how a value is shown: a format such as ``{:.2f}``, or a function.
Format = str | Callable[[object], str]

_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline' data:"
)
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2937; --soft: #4b5563; --line: #e5e7eb; --edge: #6b7280;
  --paper: #ffffff; --box: #f9fafb; --good: #14532d; --on-good: #dcfce7; --bad: #7f1d1d;
  --on-bad: #fee2e2; --open: #713f12; --on-open: #fef9c3; --chosen: #1d4ed8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e5e7eb; --soft: #cbd5e1; --line: #374151; --edge: #9ca3af;
    --paper: #111827; --box: #1f2937; --good: #bbf7d0; --on-good: #14532d; --bad: #fecaca;
    --on-bad: #7f1d1d; --open: #fef08a; --on-open: #5b340f; }
}
:root, :root.dark { --dt-html-background: var(--paper); --dtcc-dropdown_background: var(--paper);
  --itables-dark-color: var(--ink); }
body { margin: 1.25rem 1.25rem 3rem; color: var(--ink); background: var(--paper);
  font: 14px/1.45 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { max-width: 52rem; margin: .5rem 0; }
pre { background: var(--box); border: 1px solid var(--line); padding: .75rem 1rem; overflow-x: auto;
  font-size: 12px; }
table { border-collapse: collapse; font-size: 13px; line-height: 1.3;
  font-variant-numeric: tabular-nums; }
table.plain { margin: .75rem 0 1rem; border-top: 1.5px solid; border-bottom: 1.5px solid; }
table.plain th, table.plain td { padding: .2rem .7rem; text-align: left; vertical-align: top; }
table.plain thead th { border-bottom: 1px solid; white-space: nowrap; }
table.plain tbody th { font-weight: 600; padding-top: .6rem; }
table.plain tbody + tbody { border-top: 1px solid var(--line); }
table.plain td.wide { max-width: 42rem; }
table .number, table.plain th.number, table.plain td.number { text-align: right; }
.scroll { overflow-x: auto; }
a { color: inherit; }
tr:focus { outline: 2px solid; }
.soft { color: var(--soft); }
[data-verdict] { font-weight: 600; white-space: nowrap; }
[data-verdict=consistent], [data-verdict=supported], [data-verdict=yes], [data-verdict=completed]
  { color: var(--good); background: var(--on-good) !important; }
[data-verdict=inconsistent], [data-verdict=contradicted], [data-verdict=no],
[data-verdict=diverged] { color: var(--bad); background: var(--on-bad) !important; }
[data-verdict=undecided], [data-verdict=stopped]
  { color: var(--open); background: var(--on-open) !important; }
span[data-verdict] { padding: .1rem .5rem; border-radius: .25rem; font-size: 13px; }
div.dt-container { font-size: 13px; margin-top: .75rem; }
div.dt-container .dt-layout-table { overflow-x: auto; }
table.dataTable.listing { font-size: 12px; width: 100% !important; margin: 0; }
table.dataTable.listing > thead > tr > th { padding: .3rem; vertical-align: bottom;
  line-height: 1.25; }
table.dataTable.listing > tbody > tr > td { padding: .2rem .3rem; vertical-align: top; }
table.dataTable.listing th.number, table.dataTable.listing td.number { text-align: right; }
table.listing td:not(.wide) { white-space: nowrap; }
table.listing td.wide { min-width: 15rem; }
table.listing thead td { padding: .2rem .25rem !important; }
table.listing .dtcc-search input, table.listing .dtcc-button_dropdown { box-sizing: border-box;
  width: 100%; min-width: 2.8rem; height: 1.7rem; border-radius: .25rem;
  border: 1px solid var(--edge) !important; font-size: 12px; color: var(--soft) !important; }
table.listing .dtcc-button_dropdown { opacity: 1 !important; padding: 0 .4rem !important;
  line-height: 1.6rem; text-align: left; }
table.listing .dtcc-button_dropdown > .dtcc-button-text { display: inline !important; }
table.listing .dtcc-button_dropdown > .dtcc-button-icon { display: none !important; }
table.listing .dtcc-button_dropdown.dtcc-button_active { color: white !important;
  background: var(--chosen) !important; }
div.dt-buttons > .dt-button { font-size: 12px; padding: .25rem .6rem; margin: 0; }
"""
# All pages have the same script; it finds the options of a list in its attributes.
_SCRIPT = """
import DataTable from "data:text/javascript;base64,BUNDLE";

const dark = matchMedia("(prefers-color-scheme: dark)");
const shade = () => document.documentElement.classList.toggle("dark", dark.matches);
dark.addEventListener("change", shade);
shade();

const lists = [];
const written = { target: 1, content: ["search"] };
const choice = { extend: "dropdown", content: ["searchList"], text: "choose" };
const chosen = { target: 1, content: [choice] };
for (const table of document.querySelectorAll("table.listing")) {
  const headings = [...table.tHead.rows[0].cells];
  const choices = headings.flatMap((heading, i) => "choices" in heading.dataset ? [i] : []);
  const list = new DataTable(table, {
    order: [],
    autoWidth: false,
    pageLength: 25,
    lengthMenu: [10, 25, 100, { label: "all", value: -1 }],
    columnControl: [written],
    columnDefs: [{ targets: choices, columnControl: [chosen] }],
    buttons: [{ extend: "csv", text: "CSV", title: null, filename: table.id }],
    layout: { topStart: ["pageLength", "buttons"], topEnd: "search",
      bottomStart: "info", bottomEnd: "paging" },
    language: { info: "_START_ to _END_ of _TOTAL_ rows", infoFiltered: "of _MAX_ in all",
      lengthMenu: "_MENU_ rows a page",
      search: "Search all columns" },
  });
  const named = { input: "search", select: "how to search", button: "choose" };
  for (const [i, cell] of [...table.tHead.rows[1].cells].entries())
    for (const [kind, words] of Object.entries(named))
      cell.querySelector(kind)?.setAttribute("aria-label",
        `${words} ${headings[i].textContent.trim()}`);
  const paging = table.closest(".dt-container").querySelector("nav");
  paging?.setAttribute("aria-label", `pages of ${table.id}`);
  lists.push(list);
}

const announce = (row) => document.dispatchEvent(new CustomEvent("chosen", { detail: row }));
const decoded = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
// An address names a row, wherever its list has it, or else what a list is searched for.
const visit = (address) => {
  const name = decoded(address.slice(1));
  const found = lists.flatMap((list) => {
    const row = list.row((_, __, node) => node.id === name);
    return row.any() ? [{ list, row }] : [];
  });
  for (const { list, row } of found) {
    const place = () => list.rows({ order: "applied", search: "applied" }).indexes()
      .indexOf(row.index());
    if (place() < 0) list.search("").columns().ccSearchClear().draw();
    if (list.page.len() > 0) list.page(Math.floor(place() / list.page.len())).draw("page");
    row.node().scrollIntoView({ block: "center" });
    row.node().focus();
    announce(row.node());
  }
  if (found.length || !name || !lists.length) return;
  lists[0].columns().ccSearchClear();
  lists[0].search(name).draw();
  const [first] = lists[0].rows({ order: "applied", search: "applied" }).nodes().toArray();
  if (first) announce(first);
};
addEventListener("hashchange", () => visit(location.hash));
// Once the page is there, the browser itself goes to a row of this name; this must come later.
addEventListener("load", () => setTimeout(() => visit(location.hash)));

// In Snakemake's report pages have no address, so the report is asked to open another one. If it
// does not answer, words say what to look for.
const isFile = /^(file|https?):$/.test(location.protocol);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='#']");
  const address = link?.getAttribute("href");
  if (!link || (isFile && !address.startsWith("#"))) return;
  event.preventDefault();
  if (!address.startsWith("#")) {
    parent.postMessage({ page: address }, "*");
    setTimeout(() => link.replaceWith(`${link.textContent} (${link.title})`), 1000);
    return;
  }
  if (isFile) history.replaceState(null, "", address);
  visit(address);
});
"""


@cache
def _interaction() -> str:
    """Style and script of DataTables, which go into the page: a megabyte."""
    bundle = Path(itables.options.dt_bundle)
    code = b64encode(bundle.read_bytes()).decode("ascii")
    return (
        f"<style>{bundle.with_suffix('.css').read_text(encoding='utf-8')}</style>\n"
        f"<style>{_STYLE}</style>\n"
        f'<script type="module">{_SCRIPT.replace("BUNDLE", code)}</script>\n'
    )


def address(page: str, wanted: str) -> str:
    """The address of a page of the report at what is wanted there: a row's name, or a search."""
    return f"{page}.html#{quote(wanted)}"


def document(title: str, blocks: Iterable[str]) -> str:
    """A whole page.

    Parameters
    ----------
    title : str
    blocks : iterable of str
        HTML, as the other functions here return it.

    Returns
    -------
    str
        The HTML; it includes DataTables, and what draws curves, if a block needs them.
    """
    body = "\n".join(blocks)
    head = _interaction() if 'class="listing' in body else f"<style>{_STYLE}</style>\n"
    style, scripts = drawing() if '<script type="application/json"' in body else ("", "")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{escape(title)}</title>\n{head}{style}</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{body}\n</main>\n{scripts}</body>\n</html>\n"
    )


def heading(text: str) -> str:
    """A heading within a page."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str, verdict: str = "") -> str:
    """A paragraph, with the verdict before it if one is given."""
    badge = f'<span data-verdict="{escape(verdict)}">{escape(verdict)}</span> ' if verdict else ""
    return f"<p>{badge}{escape(text)}</p>"


def preformatted(text: str) -> str:
    """Text whose line breaks and spaces are kept."""
    return f'<pre tabindex="0">{escape(text)}</pre>'


def table(parts: Mapping[str, pd.DataFrame], bold: Mapping[str, pd.DataFrame] | None = None) -> str:
    """A table to read, made of parts with the same columns, one below the other.

    Parameters
    ----------
    parts : mapping
        From a part's heading, which may be empty, to a frame of texts.
    bold : mapping, optional
        From a part's heading to a frame that says which texts are bold.
    """
    columns = next(iter(parts.values())).columns
    numeric = [
        all(_reads_as_number(text) for frame in parts.values() for text in frame[name])
        for name in columns
    ]
    lines = ['<div class="scroll" tabindex="0"><table class="plain">', "<thead><tr>"]
    lines += [
        f'<th scope="col"{_class(number=number)}>{escape(str(name))}</th>'
        for name, number in zip(columns, numeric, strict=True)
    ]
    lines.append("</tr></thead>")
    for name, frame in parts.items():
        lines.append("<tbody>")
        if name:
            lines.append(
                f'<tr><th scope="rowgroup" colspan="{len(columns)}">{escape(name)}</th></tr>'
            )
        marked = (bold or {}).get(name)
        for place, row in enumerate(frame.astype(str).itertuples(index=False)):
            strong = [False] * len(row) if marked is None else list(marked.iloc[place])
            cells = [
                f"<td{_class(number=number, wide=len(text) > 50)}>{_strong(text, is_bold)}</td>"
                for text, number, is_bold in zip(row, numeric, strong, strict=True)
            ]
            lines.append(f"<tr>{''.join(cells)}</tr>")
        lines.append("</tbody>")
    return "\n".join([*lines, "</table></div>"])


def listing(
    frame: pd.DataFrame,
    name: str,
    formats: Mapping[str, Format] | None = None,
    choices: Sequence[str] = (),
    verdicts: Sequence[str] = (),
    rows: Sequence[str] = (),
    links: Mapping[str, Sequence[Sequence[str]]] | None = None,
    found_by: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """A list that readers can sort and search, column by column.

    Parameters
    ----------
    frame : pandas.DataFrame
        Numbers are sorted by value, however they are shown; missing values are shown empty.
    name : str
        The name of the list in the page, and of the CSV file that a reader can save.
    formats : mapping, optional
        From a column to the format of its values.
    choices : sequence of str, optional
        Columns that are filtered by choosing from their values.
    verdicts : sequence of str, optional
        Columns with verdicts, which are also coloured.
    rows : sequence of str, optional
        The name of each row in the page.
    links : mapping, optional
        From a column to the addresses to which each row's text leads: as `address` writes them, or
        ``#`` and the name of a row of this page. A text of several parts, with ``; `` between
        them, has one for each.
    found_by : mapping, optional
        From a column to the texts that a search finds each row by, in place of what it shows.
    """
    formats, links, found_by = formats or {}, links or {}, found_by or {}
    numeric = {column for column in frame if pd.api.types.is_numeric_dtype(frame[column])}
    shown = {
        column: [_text(value, formats.get(column, str)) for value in frame[column]]
        for column in frame
    }
    wide = {column for column in frame if max(map(len, shown[column]), default=0) > 50}
    lines = [f'<table id="{escape(name)}" class="listing display compact">', "<thead><tr>"]
    lines += [
        f'<th scope="col"{_class(number=column in numeric)}'
        f"{' data-choices' * (column in choices)}>{escape(str(column))}</th>"
        for column in frame
    ]
    lines.append("</tr></thead>\n<tbody>")
    for place in range(len(frame)):
        cells = []
        for column in frame:
            text = escape(shown[column][place])
            attributes = _class(number=column in numeric, wide=column in wide)
            if column in numeric:
                value = frame[column].iloc[place]
                attributes += f' data-order="{"" if pd.isna(value) else value}"'
            if column in verdicts:
                attributes += f' data-verdict="{text}"'
            if column in found_by:
                attributes += f' data-search="{escape(found_by[column][place])}"'
            if column in links:
                text = _linked(shown[column][place], links[column][place])
            cells.append(f"<td{attributes}>{text}</td>")
        called = f' id="{escape(rows[place])}" tabindex="-1"' if rows else ""
        lines.append(f"<tr{called}>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>"])


def _linked(text: str, addresses: Sequence[str]) -> str:
    """A text whose parts lead to these addresses."""
    if not addresses:
        return escape(text)
    parts = []
    for part, to in zip_longest(text.split("; "), addresses[: text.count("; ") + 1]):
        page, _, wanted = (to or "").partition("#")
        what = (
            f"in the page {page.removesuffix('.html').capitalize()}, search for {unquote(wanted)}"
        )
        title = f' title="{escape(what)}"' if page else ""
        parts.append(f'<a href="{escape(to)}"{title}>{escape(part)}</a>' if to else escape(part))
    return "; ".join(parts)


def _text(value: object, form: Format) -> str:
    if value is None or (isinstance(value, Real) and pd.isna(value)):
        return ""
    return form.format(value) if isinstance(form, str) else form(value)


def _class(**wanted: bool) -> str:
    names = " ".join(name for name, is_wanted in wanted.items() if is_wanted)
    return f' class="{names}"' if names else ""


def _strong(text: str, is_bold: bool) -> str:
    return f"<b>{escape(text)}</b>" if is_bold else escape(text)


def _reads_as_number(text: object) -> bool:
    bare = str(text).strip("<†* ")
    if bare in ("", "–"):
        return True
    try:
        float(bare)
    except ValueError:
        return False
    return True
