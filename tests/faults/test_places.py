"""It works wherever people put it, and on machines that lack something, or says what to do."""

import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest
from disks import disk, mount
from project import ROOT, Project, assert_a_part

#: A terminal of the nineties: neither files nor output are UTF-8 by themselves.
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
#: A run, and much of what is made of it.
REMOVED = (
    "runs/spiral/RK4Net/width4_depth1_tanh_random_epochs2/seed0",
    *("metrics", "tables", "pages", "summary.txt", "claims.csv", "provenance.json"),
)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")


def remove(project, names=REMOVED):
    """Remove some of its results."""
    for name in names:
        path = project.folder / "results" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def assert_made_again(outcome, project, finished):
    """All results are there, as an undisturbed run has them."""
    assert outcome.code == 0, outcome.output
    assert outcome.jobs["train"] == 1
    found, wanted = project.final_results(), finished.final_results()
    assert_a_part(found, wanted)
    assert found.keys() == wanted.keys()


def test_a_folder_with_spaces_and_letters_where_everything_is_ascii(finished, tmp_path):
    project = finished.duplicate(tmp_path / "ein Ordner – é (1)")
    remove(project)
    project.env = ASCII
    outcome = project.run()
    assert_made_again(outcome, project, finished)
    assert "| \\u2013 " in outcome.output
    assert "All are unchanged" in project.verify().output


@contextmanager
def read_only(folder):
    """Nothing can be written in a folder."""
    mount("--bind", folder, folder)
    try:
        mount("-o", "remount,bind,ro", folder)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@only_root
def test_a_checkout_that_can_only_be_read_with_results_elsewhere(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    elsewhere = Project(tmp_path / "elsewhere")
    elsewhere.folder.mkdir()
    shutil.move(project.folder / "results", elsewhere.folder / "results")
    remove(elsewhere, [*REMOVED[:2], "provenance.json"])
    elsewhere.env = {"PYTHONPATH": ""}
    with read_only(project.folder):
        refused = snakemake_in(project.folder)
        assert refused.returncode == 1
        assert f"the working folder {project.folder} cannot be written" in refused.stdout
        assert f"--snakefile {project.folder}/Snakefile --directory FOLDER" in refused.stdout
        outcome = elsewhere.run("--snakefile", str(project.folder / "Snakefile"))
        assert_made_again(outcome, elsewhere, finished)


def snakemake_in(folder):
    """`snakemake` there, with the default config."""
    return subprocess.run(
        ["snakemake", "--cores", "1", "--dry-run"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_a_missing_default_profile_is_noticed(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    words = "Snakemake does not use"
    assert words not in finished.outcome.output
    shutil.rmtree(project.folder / "profiles")
    remove(project, ["summary.txt"])
    outcome = project.run("results/summary.txt", "--rerun-incomplete")
    assert outcome.code == 0, outcome.output
    assert f"{words} {project.folder}/profiles/default" in outcome.output


def test_line_ends_of_another_system_make_nothing_again(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    changed = 0
    for folder in ("rknet", "workflow", "config", "profiles"):
        for path in (project.folder / folder).rglob("*.*"):
            if path.suffix in (".py", ".smk", ".yaml", ".csv", ".mplstyle", ".jinja", ".rst"):
                times = path.stat()
                path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
                changed += 1
    assert changed > 100
    assert "Nothing to be done" in project.run("--dry-run").output


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_git_writes_the_same_bytes_wherever_it_is_set_to_other_line_ends(tmp_path):
    git = ["git", "-c", "core.autocrlf=true", "-c", "core.eol=crlf", "-c", "core.symlinks=false"]
    clone = [*git, "clone", "--quiet", "--depth", "1", f"file://{ROOT}", tmp_path / "clone"]
    subprocess.run(clone, check=True)
    # The attributes may not be committed yet.
    shutil.copy(ROOT / ".gitattributes", tmp_path / "clone")
    subprocess.run([*git, "rm", "-rq", "--cached", "."], cwd=tmp_path / "clone", check=True)
    subprocess.run([*git, "reset", "-q", "--hard"], cwd=tmp_path / "clone", check=True)
    files = [path for path in (tmp_path / "clone").rglob("*.*") if ".git" not in path.parts]
    texts = [path for path in files if path.is_file() and b"\0" not in path.read_bytes()]
    # As it was published, in every checkout.
    published = tmp_path / "clone/rknet/paper/published.csv"
    assert published.read_bytes() == (ROOT / "rknet/paper/published.csv").read_bytes()
    texts.remove(published)
    assert len(texts) > 300
    assert [path for path in texts if b"\r" in path.read_bytes()] == []
    assert (tmp_path / "clone/profiles/default/config.yaml").is_file()


#: How a shell makes a machine so: files for oneself, few of them open, two GiB of memory, one core,
#: no terminal, and a small stack.
LITTLE = """
umask 077
ulimit -n 64
ulimit -v 2097152
taskset -cp 0 $$ >/dev/null
unset TERM
ulimit -s 256
exec "$@" </dev/null
"""


def test_a_machine_that_has_little(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    remove(project, REMOVED[:2])
    project.prefix = ["bash", "-euc", LITTLE, "bash"]
    outcome = project.run("results/metrics/depth.csv", "-p", "--verbose", cores=1)
    assert (outcome.code, outcome.jobs) == (0, {"train": 1, "metrics": 1}), outcome.output
    assert_a_part(project.final_results(), finished.final_results())


@only_root
def test_a_full_folder_for_temporary_files(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    remove(project, [*REMOVED[:2], "figures"])
    with disk(tmp_path / "full", 4096) as full:
        (full / "filler").write_bytes(bytes(4096))
        project.env = {"TMPDIR": str(full)}
        outcome = project.run("results/metrics/depth.csv", "results/figures/figure5.pdf")
    assert outcome.code == 0, outcome.output
    assert_a_part(project.final_results(), finished.final_results())


@only_root
def test_a_full_cache(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    remove(project, REMOVED[:2])
    with disk(tmp_path / "cache", 65536) as full:
        (full / "filler").write_bytes(bytes(65536))
        project.env = {"RKNET_CACHE": str(full)}
        outcome = project.run("results/metrics/depth.csv")
    assert (outcome.code, outcome.jobs["train"]) == (0, 1), outcome.output
    assert outcome.output.count(f"Compiled kernels cannot be kept in {full}/kernels (") == 1
    assert_a_part(project.final_results(), finished.final_results())
