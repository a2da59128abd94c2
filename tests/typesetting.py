"""LaTeX against a compiler where there is one."""

import os
import shutil
import subprocess

import pytest

needs_latex = pytest.mark.skipif(
    not shutil.which("pdflatex") and "CI" not in os.environ,
    reason="no pdflatex; on Debian: apt-get install texlive-latex-recommended",
)


def assert_compiles(text, folder):
    """It compiles with booktabs alone, and nothing sticks out into the margin."""
    document = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{text}"
    (folder / "t.tex").write_text(document + r"\end{document}", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "t.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    log = (folder / "t.log").read_text(errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert "Overfull" not in log
    assert "Float too large" not in log
    assert "Missing character" not in log
