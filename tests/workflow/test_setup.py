"""`make setup` makes an environment that works where it is, with stand-ins for Python and pip."""

import os
import shutil
import subprocess

import pytest
from project import ROOT

#: A Python that notes how it is called; `-m venv FOLDER` puts it, as a program, into a folder.
PYTHON = """#!/bin/sh
echo "python $*" >> "{log}"
case "$*" in
  "-c import ensurepip, venv") exit {without_venv} ;;
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
esac
"""
#: uv, which does the same without ensurepip.
UV = """#!/bin/sh
echo "uv $*" >> "{log}"
for folder; do :; done
mkdir -p "$folder/bin" && cp "{python}" "$folder/bin/python"
"""


class Checkout:
    """A checkout with stand-ins."""

    def __init__(self, folder, programs):
        self.folder, self.programs = folder, programs
        programs.mkdir()
        folder.mkdir()
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder / name)
        self.install("python3", PYTHON, without_venv=0)

    def install(self, name, text, **fields):
        path = self.programs / name
        path.write_text(
            text.format(log=self.programs / "log", python=self.programs / "python3", **fields)
        )
        path.chmod(0o755)

    def setup(self):
        """Exit status, output, and the programs' calls, without those that only ask."""
        log = self.programs / "log"
        log.write_text("")
        done = subprocess.run(
            ["make", "setup"],
            cwd=self.folder,
            env={"PATH": f"{self.programs}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        calls = [line for line in log.read_text().splitlines() if " -c" not in line]
        return done.returncode, done.stdout + done.stderr, calls


@pytest.fixture(params=["checkout", "ein Ordner – é (1)"])
def checkout(tmp_path, request):
    return Checkout(tmp_path / request.param, tmp_path / "programs")


MADE = "python -m venv .venv"
INSTALLED = "python -m pip install --quiet --constraint constraints.txt --editable .[dev]"


def test_an_environment_is_made_once(checkout):
    assert checkout.setup()[::2] == (0, [MADE, INSTALLED])
    assert checkout.setup()[::2] == (0, [])


def test_other_packages_are_installed_into_the_same_environment(checkout):
    checkout.setup()
    later = (checkout.folder / ".venv/.ready").stat().st_mtime + 10
    os.utime(checkout.folder / "constraints.txt", (later, later))
    assert checkout.setup()[::2] == (0, [INSTALLED])


def test_one_that_was_moved_is_made_anew(checkout):
    checkout.setup()
    (checkout.folder / ".venv/left").write_text("")
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("renamed"))
    assert checkout.setup()[::2] == (0, [MADE, INSTALLED])
    assert not (checkout.folder / ".venv/left").exists()
    assert checkout.setup()[::2] == (0, [])


def test_one_whose_python_is_gone_is_made_anew(checkout):
    checkout.setup()
    (checkout.folder / ".venv/bin/python").unlink()
    (checkout.folder / ".venv/bin/python").symlink_to("/usr/bin/python3.0")
    assert checkout.setup()[::2] == (0, [MADE, INSTALLED])


def test_one_that_lies_elsewhere_stays(checkout, tmp_path):
    """The same environment, reached by a link."""
    checkout.setup()
    (checkout.folder / ".venv").rename(tmp_path / "environment")
    (checkout.folder / ".venv").symlink_to(tmp_path / "environment")
    (tmp_path / "environment/.ready").write_text(f"{tmp_path}/environment\n")
    assert checkout.setup()[::2] == (0, [])


def test_one_that_was_not_finished_is_finished(checkout):
    checkout.setup()
    (checkout.folder / ".venv/.ready").unlink()
    assert checkout.setup()[::2] == (0, [MADE, INSTALLED])


def test_without_ensurepip_uv_makes_it(checkout):
    checkout.install("python3", PYTHON, without_venv=1)
    status, output, calls = checkout.setup()
    assert (status, calls) == (2, [])
    assert "Python cannot make environments; on Debian: apt-get install python3-venv" in output
    checkout.install("uv", UV)
    made = f"uv venv --quiet --seed --python {checkout.programs}/python3 .venv"
    assert checkout.setup()[::2] == (0, [made, INSTALLED])
    assert checkout.setup()[::2] == (0, [])


@pytest.mark.parametrize(
    ("variables", "cache"),
    [
        ({"HOME": "home"}, None),
        ({"HOME": "/proc/none"}, "checkout/.snakemake/cache"),
        ({}, "checkout/.snakemake/cache"),
        ({"HOME": "/proc/none", "XDG_CACHE_HOME": "cache"}, "cache"),
    ],
)
def test_without_a_home_files_are_kept_in_the_checkout(tmp_path, variables, cache):
    """What Snakemake, which fails without a cache folder, is given."""
    checkout = Checkout(tmp_path / "checkout", tmp_path / "programs")
    with (checkout.folder / "Makefile").open("a") as file:
        file.write("\nshown:\n\t@echo cache: $$XDG_CACHE_HOME\n")
    done = subprocess.run(
        ["make", "shown"],
        cwd=checkout.folder,
        env={"PATH": os.environ["PATH"], **{k: str(tmp_path / v) for k, v in variables.items()}},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f"cache: {tmp_path / cache if cache else ''}".strip()
