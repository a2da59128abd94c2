"""The document of all results: its source, and what LaTeX makes of it."""

import os
import re
import shutil
import string
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typesetting import needs_latex

from rknet.cell import AXES, Cell
from rknet.show.document import build as building
from rknet.show.document.build import PACKAGES, LatexError, build, errors
from rknet.show.document.contents import Inputs, networks, origins, present, ranges, size
from rknet.show.document.sections import resolved
from rknet.show.document.source import configuration, literal, prose, render
from rknet.show.figures.figure import captions
from rknet.show.paper import load_paper
from rknet.study.config import load

ROOT = Path(__file__).parents[2]
PAPER = load_paper()
TABLES, FIGURES = PAPER.tables, PAPER.figures
NASTY = r"a_b%&#$~^\{}<>|\"'`--,,?`ß∂ ff"


def metrics(*cells, value=90.0, seeds=2):
    """Tidy rows of runs, `value` higher by one from cell to cell."""
    return pd.DataFrame(
        [
            {axis: getattr(cell, axis) for axis in AXES}
            | {"seed": seed, "status": "completed", "last_epoch": 2}
            | {"split": "validation", "metric": "accuracy_percent", "value": value + place}
            for place, cell in enumerate(cells)
            for seed in range(seeds)
        ]
    )


def record(**changes):
    hardware = {"host": "h", "system": NASTY, "processor": "P", "cores": 2}
    versions = {"python": "3.11", "numpy": "2"}
    return {
        "versions": versions,
        "commit": "c0ffee",
        "dirty": False,
        "hardware": hardware,
    } | changes


def inputs(**changes):
    depths = metrics(Cell("spiral", "RK4Net", 4, 1), Cell("spiral", "RK4Net", 4, 2))
    given = {
        "metrics": {"depth": depths},
        "comparison": pd.DataFrame(columns=["edition", "lift", "verdict"]),
        "claims": pd.DataFrame(
            [("D1", "4.2", "undecided"), ("D1.1", "4.2", "supported"), ("S1", "3", "supported")],
            columns=["id", "section", "verdict"],
        ).assign(lift="–"),
        "printed": 232,
        "records": [record()],
        "editions": 2,
        "about": PAPER.about,
        "publication": PAPER.publication,
        "sections": PAPER.sections,
        "tables": {name: TABLES[name] for name in ("table1", "preprint_table1")},
        "figures": {name: FIGURES[name] for name in ("figure1", "figure5", "comparison")},
        "captions": {"figure1": "Tableaus.", "figure5": "Features.", "comparison": "All of it."},
    }
    return Inputs(**given | changes)


def test_every_table_and_figure_says_what_it_does():
    usual = [*(t for t in TABLES.values() if t.edition != "preprint"), *FIGURES.values()]
    assert [each.name for each in usual if each.said == "shows more"] == ["comparison"]


def test_sections_are_there_only_for_what_was_run():
    source = render(inputs())
    assert r"\subsection{Depth}" in source
    assert r"\setcounter{subsection}{1}" in source
    assert r"\subsection{Width" not in source
    assert "Further experiments" not in source
    assert r"\ref{tab:table1} gives accuracy and Figure~\ref{fig:figure5}" in source
    assert r"\ref{fig:figureA}" not in source


def test_an_experiment_of_ones_own_comes_last():
    other = metrics(Cell("squares", "MyNet", 4, 1))
    found = present({"mine": other, "width": other, "depth_narrow": other}, PAPER.sections)
    # Sections on no experiment are always there.
    assert [s.number for s in found if not s.experiments] == ["2", "3", "4"]
    assert [(s.number, s.experiments) for s in found if s.experiments] == [
        ("4.1", ("width",)),
        ("4.2", ("depth_narrow",)),
        ("", ("mine",)),
    ]


def test_every_reference_has_its_label():
    source = render(inputs())
    labels = set(re.findall(r"\\label\{(.+?)\}", source)) | {"tab:table1"}
    assert set(re.findall(r"\\ref\{(.+?)\}", source)) <= labels


def test_numbers_in_the_text_are_those_of_the_runs():
    source = render(inputs())
    assert "4 training runs (4 completed" in source.replace("\n", " ")
    assert "RK4Net from 90.00~\\% ($L = 1$) to 91.00~\\% ($L = 2$)" in source
    assert "No run has the setting of one of the paper's printed numbers" in source
    tested = "We test 2 of the paper's claims, once for each lift they have:\n"
    assert f"{tested}1 supported and 1 undecided" in source


def test_archived_runs_are_named():
    depths = inputs().metrics["depth"]
    found = render(inputs(metrics={"depth": depths.assign(archived=["A_1", None, None, None])}))
    said = r"1 of 4 runs is from the archive; trained on A\_1."
    assert found == render(inputs()).replace("diverged).\n", f"diverged).\n{said}\n", 1)


def test_compared_numbers_are_counted_once_and_by_lift():
    row = dict.fromkeys(["edition", "table", "dataset", "network", "width", "depth", "activation",
                         "split", "metric", "stat"], 1)  # fmt: skip
    rows = [row | {"lift": lift, "verdict": verdict} for lift, verdict in
            [("zeros", "inconsistent"), ("random", "consistent")]]  # fmt: skip
    source = " ".join(render(inputs(comparison=pd.DataFrame(rows))).split())
    assert "We compare 1 of the 232 numbers that the two editions print with the runs;" in source
    assert "1 of 1 are consistent with frozen random lift and 0 of 1 are" in source


def test_ranges_name_the_fewest_axes_that_tell_cells_apart():
    plain = Cell("donut_2d_6c", "StandardNet", 16, 5)
    other = Cell("donut_2d_6c", "RK4Net", 16, 100)
    both = metrics(plain, other)
    assert ranges(both) == "StandardNet 90.00 % and RK4Net 91.00 %"
    rates = [Cell("spiral", "RK4Net", 4, 1, optimiser=name) for name in ("adam", "adagrad")]
    assert ranges(metrics(*rates)) == (
        "RK4Net from 90.00 % (optimiser adam) to 91.00 % (optimiser adagrad)"
    )


def test_diverged_runs_have_no_range():
    frame = metrics(Cell("spiral", "RK4Net", 4, 1)).assign(value=None)
    assert ranges(frame) == ""
    assert r"\textbf{depth}" not in render(inputs(metrics={"depth": frame}))


def test_the_papers_networks_come_first():
    frame = metrics(*(Cell("spiral", name, 4, 1) for name in ("A", "RK4Net", "StandardNet")))
    assert networks({"depth": frame}) == ["StandardNet", "RK4Net", "A"]


def test_a_size_says_if_some_cells_have_fewer_repetitions():
    cells = [Cell("spiral", "RK4Net", 4, depth) for depth in (1, 2)]
    frame = metrics(*cells, seeds=3)
    assert size(frame) == {"cells": "2", "repetitions": "3"}
    partly = frame[(frame["depth"] == 1) | (frame["seed"] == 0)]
    assert size(partly) == {"cells": "2", "repetitions": "1 to 3"}


def test_origins_count_runs():
    found = origins([record(), record(), record(commit=None, dirty=None), record(dirty=True)])
    assert found[0] == ("python", "3.11", 4)
    assert [row for row in found if row[0] == "commit"] == [
        ("commit", "c0ffee", 2),
        ("commit", "not from a git checkout", 1),
        ("commit", "c0ffee with changes", 1),
    ]


def test_the_resolved_configuration_alone_makes_the_same_runs(tmp_path):
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    written = yaml.safe_load(configuration(resolved(config, ROOT)))
    assert all(isinstance(entry, dict) for entry in written["experiments"])
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    assert load(written, tmp_path).runs == load(config, ROOT).runs


def test_the_configuration_is_ascii_and_lists_are_short():
    text = configuration({"experiments": [{"name": "ä∂", "depth": [1, 2]}], "other": [[1], [2]]})
    assert text.isascii()
    assert "depth: [1, 2]" in text
    assert yaml.safe_load(text)["experiments"][0]["name"] == "ä∂"


def test_captions_are_filled():
    assert captions(["figure1", "comparison"], FIGURES, {}) == {
        "figure1": FIGURES["figure1"].caption,
        "comparison": FIGURES["comparison"].caption,
    }
    assert prose("95 % of d̂ = 3") == r"95~\% of $\hat{d} = 3$"


# What LaTeX makes of it.

ENVIRONMENT = r"""\documentclass{article}\usepackage[T1]{fontenc}\usepackage{lmodern,textcomp}
\pagestyle{empty}\setlength{\parindent}{0pt}\begin{document}"""


def typeset(body, folder):
    """Text extracted from what `body` compiles to, and LaTeX's log."""
    (folder / "t.tex").write_text(rf"{ENVIRONMENT}{body}\end{{document}}", encoding="utf-8")
    build(folder / "t.tex", folder / "t.pdf", folder / "t.log")
    done = subprocess.run(
        ["pdftotext", "-raw", folder / "t.pdf", "-"], capture_output=True, text=True, check=True
    )
    return done.stdout, (folder / "t.log").read_text()


@needs_latex
def test_nasty_names_are_printed_as_they_are(tmp_path):
    text, log = typeset(literal(NASTY), tmp_path)
    expected = NASTY.replace("ß", r"\u00df").replace("∂", r"\u2202").replace("ff", "ﬀ")
    assert text.strip("\f\n").replace("ff", "ﬀ") == expected
    assert "Missing character" not in log


@needs_latex
def test_every_printable_character_is_printed_as_it_is(tmp_path):
    characters = [c for c in string.printable if c.isprintable() and c != " "]
    pairs = [f"{one}{other}" for one in string.punctuation for other in string.punctuation]
    text, log = typeset(" ".join(literal(word) for word in (*characters, *pairs)), tmp_path)
    assert text.split() == [*characters, *pairs]
    assert "Missing character" not in log


@given(st.text())
def test_no_character_keeps_a_meaning(text):
    escaped = literal(text)
    assert escaped.isascii()
    assert escaped.isprintable() or not escaped
    # Once commands are taken away, nothing special is left.
    bare = re.sub(r"\\text[a-z]+\{\}|\\[%&_#${}]|(?<=[-,])\{\}", "", escaped)
    assert not set(bare) & set(r"\%&_#${}~^<>|`" + "\"'")


def compiled(folder, **changes):
    """A results folder with a document, its tables and figures made up."""
    results = folder / "results"
    for name in ("tables", "figures", "paper"):
        (results / name).mkdir(parents=True)
    given = inputs(**changes)
    for name in given.tables:
        for label in (name, f"{name}_intervals"):
            wide = "&".join(["12345678"] * 14)
            (results / f"tables/{label}.tex").write_text(
                rf"\begin{{table}}\renewcommand{{\thetable}}{{1}}\caption{{On {label[:5]}.}}"
                rf"\label{{tab:{label}}}\begin{{tabular}}{{{'l' * 14}}}{wide}\\\end{{tabular}}"
                r"\end{table}"
            )
    empty, _ = typeset(r"\vspace*{2cm}A drawing", folder)
    assert empty
    for name in given.captions:
        shutil.copyfile(folder / "t.pdf", results / f"figures/{name}.pdf")
    (results / "comparison.tex").write_text(r"\subsection*{Verdicts} Compared.")
    (results / "claims.tex").write_text(r"\begin{table}\caption{Claims}D1\end{table}")
    (results / "paper/configuration.yaml").write_text("experiments: [depth]\n")
    (results / "paper/paper.tex").write_text(render(given), encoding="utf-8")
    build(results / "paper/paper.tex", results / "paper.pdf", results / "paper.log")
    return results


@needs_latex
def test_the_document_compiles_with_nothing_out_of_place(tmp_path):
    results = compiled(tmp_path)
    log = (results / "paper.log").read_text()
    for fault in ("Overfull", "undefined", "Missing character", "multiply", "destination with"):
        assert fault not in log
    # Nothing but the document is left behind.
    assert {path.name for path in (results / "paper").iterdir()} == {
        "paper.tex",
        "configuration.yaml",
    }


@needs_latex
def test_latexmk_is_not_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(building.shutil, "which", lambda name: name != "latexmk" or None)
    log = (compiled(tmp_path) / "paper.log").read_text()
    assert "undefined" not in log
    assert "Rerun to get" not in log


def test_without_latex_the_packages_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "t.tex").write_text("")
    with pytest.raises(LatexError, match="apt-get install " + " ".join(PACKAGES)) as caught:
        build(tmp_path / "t.tex", tmp_path / "t.pdf", tmp_path / "t.log")
    assert str(tmp_path / "t.tex") in str(caught.value)
    assert (tmp_path / "t.log").read_text() == f"{caught.value}\n"


@needs_latex
@pytest.mark.parametrize("latexmk", [True, False])
def test_an_error_is_shown_with_its_line_and_the_log(tmp_path, monkeypatch, latexmk):
    monkeypatch.setattr(building.shutil, "which", lambda name: latexmk or name == "pdflatex")
    with pytest.raises(LatexError) as caught:
        typeset("\n\\nosuchcommand\n", tmp_path)
    message = str(caught.value)
    assert "! Undefined control sequence.\nl.3 \\nosuchcommand" in message
    assert str(tmp_path / "t.log") in message
    assert (tmp_path / "t.log").read_text().endswith(f"{message}\n")
    assert not (tmp_path / "t.pdf").exists()


@needs_latex
def test_no_other_program_is_run(tmp_path):
    _, log = typeset(rf"\immediate\write18{{touch {tmp_path}/made}}A", tmp_path)
    assert not (tmp_path / "made").exists()
    assert "runsystem" in log


def test_errors_without_a_line_are_shown_too():
    log = "x\n! LaTeX Error: File `no.sty' not found.\n\nhelp\nl.2 \\begin\n! Emergency stop.\n"
    assert errors(log) == "! LaTeX Error: File `no.sty' not found.\nl.2 \\begin\n! Emergency stop."
    assert errors("") == "Its log has no error message."


@needs_latex
def test_the_same_sources_make_the_same_bytes(tmp_path, monkeypatch):
    once = (compiled(tmp_path / "a") / "paper.pdf").read_bytes()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert (compiled(tmp_path / "b") / "paper.pdf").read_bytes() == once
    assert str(tmp_path).encode() not in once
    assert os.uname().nodename.encode() not in once or len(os.uname().nodename) < 4
