"""What a user has set for other programs decides nothing: the same seed gives the same bytes."""

import shutil

import matplotlib as mpl
import pytest
import yaml
from matplotlib.figure import Figure
from project import assert_a_part

from rknet.show.figures.style import page, save, styled
from rknet.user_cache import user_cache

#: Lines that people have in their matplotlibrc; all of them change pictures.
MATPLOTLIBRC = """
text.usetex: True
savefig.transparent: True
savefig.pad_inches: 1
axes.facecolor: black
axes.prop_cycle: cycler(color=["r"])
axes.formatter.use_locale: True
axes.labelcolor: white
figure.facecolor: black
figure.autolayout: True
lines.linestyle: --
font.serif: Comic Sans MS
path.sketch: 1, 100, 2
pdf.compression: 0
image.cmap: jet
xtick.direction: in
"""


def drawn() -> Figure:
    with styled():
        figure = page(height=2)
        axes = figure.subplots()
        axes.plot([0, 1.5], [0, 1.5], label="a_b")
        axes.imshow([[0, 1]])
        axes.legend(title="legend")
    return figure


def test_a_matplotlibrc_changes_no_picture(tmp_path):
    save(drawn(), tmp_path / "before")
    (tmp_path / "matplotlibrc").write_text(MATPLOTLIBRC)
    with mpl.rc_context(fname=tmp_path / "matplotlibrc"):
        save(drawn(), tmp_path / "after")
    for suffix in (".png", ".pdf"):
        before, after = (tmp_path / f"{name}{suffix}" for name in ("before", "after"))
        assert before.read_bytes() == after.read_bytes()


@pytest.fixture
def settings(tmp_path):
    """A home full of settings; the variables that lead there, and others that people have set."""
    home = tmp_path / "home"
    files = {
        ".config/matplotlib/matplotlibrc": MATPLOTLIBRC,
        ".config/snakemake/mine/config.yaml": yaml.safe_dump(
            {
                "printshellcmds": True,
                "rerun-triggers": "code",
                "scheduler": "ilp",
                "keep-going": False,
                "latency-wait": 60,
                "default-resources": ["mem_mb=100"],
            }
        ),
        "startup.py": "raise SystemExit('a startup file was run')",
        "path/rknet/__init__.py": "raise SystemExit('another rknet was imported')",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "PYTHONPATH": str(home / "path"),
        "PYTHONSTARTUP": str(home / "startup.py"),
        "PYTHONHASHSEED": "7",
        "PYTHONOPTIMIZE": "1",
        "MPLBACKEND": "no backend",
        "SNAKEMAKE_PROFILE": "mine",
        "OMP_NUM_THREADS": "0",
        "OMP_PROC_BIND": "spread",
        "MKL_NUM_THREADS": "3",
        "TZ": "Asia/Kathmandu",
        "LANG": "de_DE.UTF-8",
        "COLUMNS": "20",
    }


def test_nothing_that_is_set_elsewhere_changes_a_result(finished, settings, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    shutil.rmtree(project.folder / "results")
    project.env = settings
    # Kernels are loaded that other tests have compiled.
    project.env["RKNET_CACHE"] = str(user_cache())
    outcome = project.run()
    assert outcome.code == 0, outcome.output
    assert outcome.jobs["train"] == 4
    found, wanted = project.final_results(), finished.final_results()
    assert_a_part(found, wanted)
    assert found.keys() == wanted.keys()
    project.env = {}
    assert "Nothing to be done" in project.run().output
