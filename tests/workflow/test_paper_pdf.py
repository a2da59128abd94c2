"""The document of all results, made by the real workflow on a small config."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import TINY
from typesetting import needs_latex

from rknet.show.document.build import PACKAGES

#: What is made for the document and nothing else.
NEW = {"paper_source": 1, "paper_pdf": 1}


@pytest.fixture(scope="module")
def typeset(finished, project_once):
    """A project whose document is made, or without LaTeX its sources; not to be changed."""
    project = project_once("paper", lambda folder: finished.duplicate(folder).run("paper_pdf"))
    outcome = project.outcome
    assert bool(outcome.code) == (shutil.which("pdflatex") is None), outcome.output
    assert outcome.jobs == NEW
    return project


@pytest.fixture
def project(typeset, tmp_path):
    """A project with its document, to change at will."""
    return typeset.duplicate(tmp_path / "project")


def pages(pdf):
    """The text of each page of a PDF."""
    done = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    )
    return done.stdout.split("\f")[:-1]


@needs_latex
def test_it_holds_everything(typeset):
    results = typeset.folder / "results"
    text = pages(results / "paper.pdf")
    assert 8 <= len(text) <= 25
    whole = " ".join(" ".join(text).split())
    # Captions of a table and of figures, a table's number, a claim's id.
    assert "Table 1: Mean of training (upper row) and validation (lower row) accuracy" in whole
    assert "Figure 2: Datasets for binary classification in two dimensions" in whole
    assert "Figure 5: Features of spiral from the input layer (left)" in whole
    row = (results / "tables/table1.csv").read_text().splitlines()[2]
    assert " ".join(row.split(",")[-2:]) in whole
    assert re.search(r"\bD1 Training accuracy is consistently above", whole)
    assert "4 training runs (4 completed, 0 stopped early, 0 diverged)" in whole
    # Only what was run has a section.
    assert "4.2 Depth" in whole
    assert "4.1 Width" not in whole
    # The appendix.
    assert "dataset: spiral depth: [1, 2] epochs: 2 name: depth network: RK4Net" in whole
    assert re.search(r"python 3\.\d+\.\d+ 4 ", whole)


@needs_latex
def test_nothing_is_missing_or_out_of_place(typeset):
    log = (typeset.folder / "results/logs/paper_pdf.log").read_text()
    for fault in ("undefined", "Missing character", "multiply"):
        assert fault not in log
    assert all(float(points) < 3 for points in re.findall(r"Overfull \\hbox \((\S+)pt", log))


@needs_latex
def test_it_is_made_once_and_the_same_again(project):
    before = project.results("paper.pdf")
    assert "Nothing to be done" in project.run("paper_pdf", "--dry-run").output
    assert project.run("paper_pdf", "--forcerun", "paper_source").jobs == NEW
    assert project.results("paper.pdf") == before


@needs_latex
@pytest.mark.parametrize(
    ("file", "jobs"),
    [
        ("rknet/show/document/build.py", {"paper_pdf": 1}),
        ("rknet/show/document/paper.tex.jinja", NEW),
        ("rknet/show/document/source.py", NEW),
    ],
)
def test_an_edit_makes_it_anew(project, file, jobs):
    # A comment in code would change nothing.
    project.edit(file, after="\nprint()\n" if file.endswith(".py") else "\n% edited\n")
    assert project.run("paper_pdf", "--dry-run").jobs == jobs


def test_without_latex_the_sources_are_there_and_the_packages_named(project, monkeypatch, tmp_path):
    # What a machine without LaTeX has: the environment, and the programs that Snakemake calls.
    bare = tmp_path / "bin"
    bare.mkdir()
    for program in ("bash", "git", "python", "sh", "which"):
        (bare / program).symlink_to(shutil.which(program))
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), str(bare)]))
    assert shutil.which("pdflatex") is None
    (project.folder / "results/paper.pdf").unlink(missing_ok=True)
    outcome = project.run("paper_pdf")
    assert outcome.code != 0
    assert "apt-get install " + " ".join(PACKAGES) in outcome.output
    source = project.folder / "results/paper/paper.tex"
    assert str(source) in outcome.output
    assert r"\input{../tables/table1.tex}" in source.read_text()
    assert not (project.folder / "results/paper.pdf").exists()


@needs_latex
def test_a_broken_table_is_named_by_latexs_error(project):
    table = project.folder / "results/tables/table1.tex"
    table.write_text(table.read_text().replace(r"\midrule", r"\nosuchrule"))
    outcome = project.run("paper_pdf", "--rerun-triggers", "mtime")
    assert outcome.code != 0
    assert "! Undefined control sequence." in outcome.output
    assert "results/logs/paper_pdf.log" in outcome.output
    assert "\\nosuchrule" in (project.folder / "results/logs/paper_pdf.log").read_text()


def test_results_may_lie_deeper(typeset):
    outcome = typeset.run("paper_pdf", "--dry-run", config={**TINY, "results": "some/where_else"})
    assert outcome.code == 0
    assert outcome.jobs["paper_pdf"] == 1
