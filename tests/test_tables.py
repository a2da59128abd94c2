"""Tables against golden files, and LaTeX against a compiler where there is one."""

import itertools
import os
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from problems import frame

from rknet.tables import MARK, TABLES, layout, write

GOLDEN = Path(__file__).parent / "golden"


def metrics(diverged=()):
    """Values that tell where they belong: network, lift, depth, split and seed in their digits."""
    rows = []
    axes = itertools.product(
        ("StandardNet", "RK4Net"), ("random", "zeros"), (1, 20), ("training", "validation"), (0, 1)
    )
    for network, lift, depth, split, seed in axes:
        place = 10 * (network == "RK4Net") + 5 * (lift == "zeros") + depth / 10
        value = 70 + place + 0.25 * (split == "training") + 0.02 * seed
        gone = (network, depth, seed) in diverged
        for metric, scaled in (("accuracy_percent", value), ("cost", value / 1000)):
            rows.append(
                {
                    **{"network": network, "lift": lift, "depth": depth, "split": split},
                    **{"seed": seed, "metric": metric, "value": None if gone else scaled},
                    "status": "diverged" if gone else "completed",
                }
            )
    return frame({name: [row[name] for row in rows] for name in rows[0]})


DIVERGED = [("RK4Net", 20, 1), ("StandardNet", 20, 0), ("StandardNet", 20, 1)]


@pytest.mark.parametrize(
    ("name", "diverged"),
    [("table1", ()), ("table2", ()), ("table1", DIVERGED)],
    ids=["table1", "table2", "table1_diverged"],
)
@pytest.mark.parametrize("suffix", ["tex", "md", "csv"])
def test_golden_files(tmp_path, name, diverged, suffix):
    golden = name + ("_diverged" if diverged else "")
    write(TABLES[name], metrics(diverged), tmp_path / golden)
    made = (tmp_path / f"{golden}.{suffix}").read_text(encoding="utf-8")
    assert made == (GOLDEN / f"{golden}.{suffix}").read_text(encoding="utf-8")


def test_layout_by_hand():
    table = layout(TABLES["table1"], metrics(), "zeros")
    assert table.index.tolist() == [
        ("StandardNet", "training"),
        ("StandardNet", "validation"),
        ("RK4Net", "training"),
        ("RK4Net", "validation"),
    ]
    assert table.columns.tolist() == [1, 20]
    # 70 + 10 (RK4Net) + 5 (zeros) + 2 (depth 20) + 0.25 (training) + 0.01 (mean over seeds)
    assert table.loc[("RK4Net", "training"), 20] == "87.26"
    costs = layout(TABLES["table2"], metrics(), "zeros")
    assert costs.loc[("RK4Net", "training"), 20] == "0.87"


def test_diverged_runs_are_marked_and_left_out():
    table = layout(TABLES["table1"], metrics(DIVERGED), "random")
    assert table.loc[("RK4Net", "validation"), 20] == f"82.00{MARK}"
    assert table.loc[("StandardNet", "validation"), 20] == f"–{MARK}"
    assert table.loc[("StandardNet", "validation"), 1] == "70.11"


def test_cells_that_would_share_a_place_are_refused(tmp_path):
    two = pd.concat([metrics(), metrics().assign(width=3)])
    with pytest.raises(ValueError, match=r"table1 shows network, depth and lift.*varies width"):
        write(TABLES["table1"], two, tmp_path / "t")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(
    not shutil.which("pdflatex") and "CI" not in os.environ,
    reason="no pdflatex; on Debian: apt-get install texlive-latex-recommended",
)
@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.tex")), ids=lambda p: p.stem)
def test_latex_compiles_with_booktabs_alone(tmp_path, golden):
    document = (
        r"\documentclass{article}\usepackage{booktabs}\begin{document}"
        + golden.read_text(encoding="utf-8")
        + r"\end{document}"
    )
    (tmp_path / "t.tex").write_text(document, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "t.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    log = (tmp_path / "t.log").read_text(errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert "Overfull" not in log
