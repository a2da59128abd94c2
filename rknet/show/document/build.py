"""From the document's LaTeX to a PDF, with latexmk if there is, or else pdflatex."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from rknet.files import replacing, write_text

#: Debian's packages that hold all the document needs.
PACKAGES = ("texlive-latex-recommended", "lmodern", "latexmk")
#: Contents, then the pages that these move, then references to them.
_PASSES = 3
#: Nothing runs other programs, waits for an answer or goes on after an error.
_OPTIONS = ("-interaction=nonstopmode", "-halt-on-error")
#: One date for all documents, and messages that are not broken into lines of 79 characters.
_ENVIRONMENT = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "1000"}
#: How many errors a message shows.
_SHOWN = 3


class LatexError(RuntimeError):
    """There is no LaTeX, or it failed; the message says what to do."""


def build(source: str | Path, pdf: str | Path, log: str | Path) -> None:
    """Compile a document; the same sources make the same bytes.

    Parameters
    ----------
    source : str or Path
        A file ``.tex``, compiled in its folder, in which nothing is written.
    pdf : str or Path
        The file to make, whole or not at all.
    log : str or Path
        The file for LaTeX's own log.

    Raises
    ------
    LatexError
        With the packages to install if there is no LaTeX, or else its first errors.
    """
    source, log = Path(source).resolve(), Path(log)
    if shutil.which("pdflatex") is None:
        raise _failure(
            f"There is no LaTeX here. On Debian: apt-get install {' '.join(PACKAGES)}\n"
            f"The document's sources are written: {source}",
            log,
        )
    with TemporaryDirectory() as folder:
        compiled = Path(folder, source.stem)
        succeeded = all(_run(command, source) for command in _commands(source.name, folder))
        # LaTeX writes its log in Latin-1 where a message quotes bytes.
        text = _read(compiled.with_suffix(".log"))
        write_text(log, text)
        if not succeeded:
            raise _failure(f"LaTeX failed on {source}\n{errors(text)}\nMore is in {log}", log)
        with replacing(pdf) as temporary:
            shutil.copyfile(compiled.with_suffix(".pdf"), temporary)


def errors(log: str) -> str:
    """The first errors in LaTeX's log, each with the line of the source it quotes."""
    found = re.findall(r"^! .*(?:\n(?!! |l\.\d).*){0,20}\nl\.\d.*|^! .*", log, re.MULTILINE)
    # Between the error and the line there is help, or what macros expand to.
    brief = [
        "\n".join(dict.fromkeys([part.split("\n")[0], part.split("\n")[-1]])) for part in found
    ]
    return "\n".join(brief[:_SHOWN]) or "It says no error."


def _commands(name: str, folder: str) -> list[list[str]]:
    if shutil.which("latexmk"):
        options = [*_OPTIONS, "-latexoption=-no-shell-escape", f"-outdir={folder}"]
        # -norc: a user's settings for latexmk are for other documents.
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
    """An error whose message also ends the log, which Snakemake shows."""
    before = f"{text}\n" if (text := _read(log)) and "LaTeX failed" in message else ""
    write_text(log, f"{before}{message}\n")
    return LatexError(message)
