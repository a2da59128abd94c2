"""Compiles the document's LaTeX to a PDF, with latexmk if it is installed, or else pdflatex."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from rknet.files import replacing, write_text

#: Debian's packages that hold everything the document needs.
PACKAGES = ("texlive-latex-recommended", "lmodern", "latexmk")
#: The first pass finds the contents, the second the pages that they move, the third references.
_PASSES = 3
#: LaTeX neither waits for an answer nor continues after an error.
_OPTIONS = ("-interaction=nonstopmode", "-halt-on-error")
#: All documents have the same date, and messages are not broken into lines of 79 characters.
_ENVIRONMENT = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "1000"}
#: How many errors a message shows.
_SHOWN = 3


class LatexError(RuntimeError):
    """LaTeX is missing or failed; the message says what to do."""


def build(source: str | Path, pdf: str | Path, log: str | Path) -> None:
    """Compile a document; the same sources give the same bytes.

    Parameters
    ----------
    source : str or Path
        A ``.tex`` file. It is compiled in its folder, but nothing is written there.
    pdf : str or Path
        The file to make, whole or not at all.
    log : str or Path
        The file for LaTeX's own log.

    Raises
    ------
    LatexError
        If LaTeX is missing, with the packages to install; if it fails, with its first errors.
    """
    source, log = Path(source).resolve(), Path(log)
    if shutil.which("pdflatex") is None:
        raise _failure(
            f"There is no LaTeX here. On Debian: apt-get install {' '.join(PACKAGES)}\n"
            f"The document's source was written: {source}",
            log,
        )
    with TemporaryDirectory() as folder:
        compiled = Path(folder, source.stem)
        succeeded = all(_run(command, source) for command in _commands(source.name, folder))
        # Where a message quotes bytes, LaTeX's log is in Latin-1.
        text = _read(compiled.with_suffix(".log"))
        write_text(log, text)
        if not succeeded:
            raise _failure(f"LaTeX failed on {source}\n{errors(text)}\nMore is in {log}", log)
        with replacing(pdf) as temporary:
            shutil.copyfile(compiled.with_suffix(".pdf"), temporary)


def errors(log: str) -> str:
    """The first errors in LaTeX's log, each with the line of the source that it quotes."""
    found = re.findall(r"^! .*(?:\n(?!! |l\.\d).*){0,20}\nl\.\d.*|^! .*", log, re.MULTILINE)
    # Between the error and the line, LaTeX prints help or the expansion of macros.
    brief = [
        "\n".join(dict.fromkeys([part.split("\n")[0], part.split("\n")[-1]])) for part in found
    ]
    return "\n".join(brief[:_SHOWN]) or "Its log has no error message."


def _commands(name: str, folder: str) -> list[list[str]]:
    if shutil.which("latexmk"):
        options = [*_OPTIONS, "-latexoption=-no-shell-escape", f"-outdir={folder}"]
        # -norc: ignore the user's settings for latexmk, which are for other documents.
        return [["latexmk", "-norc", "-pdf", *options, name]]
    return [
        ["pdflatex", "-no-shell-escape", *_OPTIONS, f"-output-directory={folder}", name]
    ] * _PASSES


def _run(command: list[str], source: Path) -> bool:
    # No part of the command comes from the config, and there is no shell.
    done = subprocess.run(  # noqa: S603
        command,
        cwd=source.parent,
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _failure(message: str, log: Path) -> LatexError:
    """An error whose message is also added to the log, because Snakemake shows the log."""
    before = f"{text}\n" if (text := _read(log)) and "LaTeX failed" in message else ""
    write_text(log, f"{before}{message}\n")
    return LatexError(message)
