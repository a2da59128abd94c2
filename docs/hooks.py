"""What MkDocs does to the pages, beside what Markdown says.

- ``{{ FILE }}`` on a line of its own stands for that file of the project, and
  ``{{ FILE :: SECTION }}`` for what is below that heading. ``{{ FILE :: SECTION :: FIRST }}`` is
  the one paragraph that begins so, and with ``:: LAST`` it is all up to the one that begins so. So
  a fact is written in one place. Links to such files lead to the page that has them.
- A script in ``tutorials/`` becomes a page: its comments, code, what it prints, and its pictures.
  It runs with the packages of ``.venv``.
- On a page with ``formulas: true`` LaTeX becomes MathML, which browsers show by themselves.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from latex2mathml.converter import convert
from markdown.extensions.toc import slugify
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
INCLUDE = re.compile(r"^\{\{ (.+) \}\}$", re.M)
HEADING = re.compile(r"^(#+) +(.+)$", re.M)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
#: Printed between the cells of a tutorial, to tell whose output is whose.
MARK = "\x1e"

#: The page that has a section of a file, by both; the section "" is the file's beginning.
_pages: dict[tuple[str, str], str] = {}


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Run the tutorials, and note which page has what."""
    for script in sorted((ROOT / "docs/tutorials").glob("*.py")):
        for file in _tutorial(script, config):
            files.append(file)
    _pages.clear()
    for file in files.documentation_pages():
        for text in INCLUDE.findall(file.content_string):
            name, *place = text.split(" :: ")
            sections = place[:1] or list(_sections(name))
            for section in sections if len(place) < 2 else ():
                _pages[name, _slug(section)] = file.src_uri
            if sections[0] == next(iter(_sections(name))):
                _pages.setdefault((name, ""), file.src_uri)


def on_page_markdown(markdown: str, page: Page, files: Files, **_: Any) -> str:
    """Put in what the page includes, and its formulas."""
    if page.meta.get("formulas"):
        markdown = _with_formulas(markdown)

    def included(match: re.Match[str]) -> str:
        name, *place = match[1].split(" :: ")
        try:
            return _linked(_part(name, *place), name, page, files)
        except LookupError as error:
            raise PluginError(f"{page.file.src_uri}: {match[0]}: {error}") from None

    return INCLUDE.sub(included, markdown)


def on_page_content(html: str, **_: Any) -> str:
    """Drop the second colon with which docstrings announce code, and one that stands alone."""
    return html.replace("<p>::</p>\n", "").replace("::</p>", ":</p>")


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _slug(title: str) -> str:
    return slugify(title.replace("`", ""), "-")


def _sections(name: str) -> dict[str, str]:
    """By heading of a file, the text below it, with what is lower; of its title, what is before."""
    text = _read(name)
    # What looks like a heading in code is none.
    hidden = FENCE.sub(lambda code: re.sub("[^\n]", " ", code[0]), text)
    found, sections = list(HEADING.finditer(hidden)), {}
    for place, heading in enumerate(found):
        level = len(heading[1])
        later = (h.start() for h in found[place + 1 :] if level == 1 or len(h[1]) <= level)
        sections[heading[2]] = text[heading.end() : next(later, len(text))].strip()
    return sections


def _part(name: str, section: str = "", first: str = "", last: str = "") -> str:
    """What a page includes of a file."""
    if not section:
        return _read(name)
    sections = _sections(name)
    if section not in sections:
        raise LookupError(f"{name} has the headings {', '.join(sections)}")
    if not first:
        return sections[section]
    paragraphs = sections[section].split("\n\n")
    begin = _beginning(paragraphs, first)
    end = _beginning(paragraphs, last) if last else begin
    return "\n\n".join(paragraphs[begin : end + 1])


def _beginning(paragraphs: list[str], words: str) -> int:
    for place, paragraph in enumerate(paragraphs):
        if paragraph.replace("\n", " ").startswith(words):
            return place
    raise LookupError(f"no paragraph of that section begins with {words!r}")


def _linked(text: str, name: str, page: Page, files: Files) -> str:
    """A text with its links as they are from the page; of those to no page, the words alone."""

    def link(match: re.Match[str]) -> str:
        picture, words, target = match.groups()
        if "://" in target:
            return match[0]
        path, _, anchor = target.partition("#")
        path = os.path.normpath(PurePosixPath(name).parent / path) if path else name
        if path.startswith("docs/"):
            return f"{picture}[{words}]({_from(page, path.removeprefix('docs/'))})"
        uri = _pages.get((path, anchor))
        if uri is None:
            return words
        headings = {_slug(title) for _, title in HEADING.findall(_whole(files, uri))}
        return f"[{words}]({_from(page, uri)}{f'#{anchor}' if anchor in headings else ''})"

    return LINK.sub(link, text)


def _whole(files: Files, uri: str) -> str:
    """A page with all it includes, its links as they were."""
    content = files.get_file_from_path(uri).content_string
    return INCLUDE.sub(lambda match: _part(*match[1].split(" :: ")), content)


def _from(page: Page, uri: str) -> str:
    return os.path.relpath(uri, PurePosixPath(page.file.src_uri).parent)


def _with_formulas(markdown: str) -> str:
    """Displayed formulas, ```` ```math NUMBER ````, one a line, and ``$…$`` in a text."""

    def displayed(match: re.Match[str]) -> str:
        lines = "".join(_formula(line, display="block") for line in match[2].splitlines())
        number = match[1]
        return (
            f'<div class="equation" id="eq-{number}"><div>{lines}</div>'
            f'<a href="#eq-{number}">({number})</a></div>'
        )

    markdown = re.sub(r"^```math (\S+)\n(.*?)\n```$", displayed, markdown, flags=re.M | re.S)
    return re.sub(r"\$([^$\n]+)\$", lambda match: _formula(match[1]), markdown)


def _formula(latex: str, **how: str) -> str:
    # Two signs that are one.
    return convert(latex, **how).replace("<mi>:</mi><mo>&#x0003D;</mo>", "<mo>&#x02254;</mo>")


def _tutorial(script: Path, config: MkDocsConfig) -> Iterator[File]:
    """The page of a script and its pictures."""
    cells = [cell.partition("\n") for cell in script.read_text(encoding="utf-8").split("# %%")[1:]]
    codes = [code.strip() for kind, _, code in cells if "[markdown]" not in kind]
    folder = ROOT / "build/tutorials"
    folder.mkdir(parents=True, exist_ok=True)
    printed = iter(_run(script, f"\nprint({MARK!r})\n".join(codes), folder).split(MARK))
    page = []
    for kind, _, text in cells:
        if "[markdown]" in kind:
            page.append(re.sub(r"^# ?", "", text.strip(), flags=re.M))
            continue
        page.append(f"```python\n{text.strip()}\n```")
        if output := next(printed).strip():
            page.append(f'```text title="It prints"\n{output}\n```')
        for picture in re.findall(r'savefig\("([^"]+)"', text):
            page.append(f"![What the code above draws]({picture})")
            uri = f"tutorials/{picture}"
            yield File.generated(config, uri, abs_src_path=str(folder / picture))
    content = "\n\n".join(page) + "\n"
    yield File.generated(config, f"tutorials/{script.stem}.md", content=content)


def _run(script: Path, code: str, folder: Path) -> str:
    """What a script prints; its pictures lie in the folder."""
    settings = {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(  # noqa: S603 - the project's own code
        [ROOT / ".venv/bin/python", "-c", code],
        cwd=folder,
        env=os.environ | settings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise PluginError(f"{script.relative_to(ROOT)}: {done.stderr}")
    return done.stdout
