"""The workflow with an archive: what is taken from it, what is trained, and how it is audited."""

import io
import re
import shutil

import pandas as pd
import pytest
from archived import forge_history, other_machine
from project import EXPERIMENT, ROOT, Project

from rknet.files import write_json
from rknet.study.records import digest, read_record

PICTURES = {
    **{"name": "pictures", "dataset": "digits", "network": "StandardNet", "width": 64, "depth": 1},
    **{"epochs": 1, "engine": "torch", "seeds": 1},
}
CONFIG = {"experiments": [EXPERIMENT, PICTURES]}
MADE = ("results/metrics/depth.csv", "results/curves/pictures.csv")
SAID = ("results/summary.txt", "results/pages/verdict.rst", "results/paper/paper.tex")


@pytest.fixture(scope="module")
def archived(project_once):
    """A project whose runs are archived, and all that was made of them."""

    def make(folder):
        project = Project.copied(folder)
        shutil.rmtree(folder / "archive", ignore_errors=True)
        outcome = project.run(*MADE, config=CONFIG)
        assert outcome.code == 0, outcome.output
        return project.rknet("archive", "add", "results/runs")

    project = project_once("archived", make)
    assert project.outcome.code == 0, project.outcome.output
    assert len(re.findall(r" archived, \d+ bytes", project.outcome.output)) == 5
    return project


@pytest.fixture
def project(archived, tmp_path):
    return archived.duplicate(tmp_path / "project")


def entries(project):
    return sorted(path.parent for path in (project.folder / "archive").rglob("run.json"))


def planned(project, **changes):
    return project.run(*MADE, "--dry-run", config={**CONFIG, **changes}).jobs


def test_archived_runs_are_taken_instead_of_training(project):
    # What was trained here stays.
    assert planned(project) == {}
    before = project.final_results()
    shutil.rmtree(project.folder / "results")
    outcome = project.run(*MADE, config=CONFIG)
    assert outcome.code == 0, outcome.output
    assert outcome.jobs == {**{"dataset": 2, "restore": 3, "metrics": 2, "curves": 1}}
    after = project.final_results()
    assert after["curves/pictures.csv"] == before["curves/pictures.csv"]
    for name in ("metrics/depth.csv", "metrics/pictures.csv"):
        then, now = (pd.read_csv(io.BytesIO(made[name])) for made in (before, after))
        assert then.pop("archived").isna().all()
        assert now.pop("archived").notna().all()
        pd.testing.assert_frame_equal(now, then)
    assert planned(project) == {}
    everything_says_so(project)
    # One that is lost is taken again, with its cell's runs left alone.
    lost, *_ = (project.folder / "results/runs/spiral").rglob("run.json")
    moved = lost.parent.rename(project.folder / "lost")
    outcome = project.run(*MADE, config=CONFIG)
    assert (outcome.code, outcome.jobs["restore"]) == (0, 1), outcome.output
    for path in moved.iterdir():
        assert (lost.parent / path.name).read_bytes() == path.read_bytes()
    assert planned(project) == {}
    ignored = planned(project, archive="ignore")
    assert (ignored["train"], ignored["train_images"]) == (4, 1)
    # None of them is there, and so far means that nothing is trained.
    so_far = {"experiments": [EXPERIMENT], "optional_experiments": [PICTURES], "optional": "so_far"}
    outcome = project.run("pictures", "--dry-run", config={**so_far, "archive": "ignore"})
    assert "none of the runs of the experiment 'pictures' is trained" in outcome.output
    assert "did you mean" not in outcome.output
    # What was taken stays, too, when the archive has it no longer.
    (first, *_) = entries(project)
    gone = first.rename(project.folder / "gone")
    assert planned(project) == {}
    gone.rename(first)

    # A run that is damaged is trained, and others are taken.
    (project.folder / "results").rename(project.folder / "made")
    (entries(project)[0] / "run.json").write_text("{}")
    jobs = planned(project)
    assert (jobs["train_images"], jobs["restore"]) == (1, 2)


def test_a_damaged_run_is_named_and_the_others_of_its_cell_are_taken(project):
    shutil.rmtree(project.folder / "results")
    points = [entry for entry in entries(project) if "spiral" in entry.parts]
    damaged, other = [entry for entry in points if entry.parent == points[0].parent]
    history = (damaged / "history.csv").read_text()
    (damaged / "history.csv").write_text(history.replace("1", "2", 1))
    outcome = project.run(MADE[0], config=CONFIG)
    assert outcome.code == 1
    run = damaged.relative_to(project.folder)
    assert f"{run}: history.csv is damaged, or was changed (SHA-256" in outcome.output
    assert "`git checkout archive` brings back what git has" in outcome.output
    assert "not found" not in outcome.output
    taken = {record.parent.name for record in (project.folder / "results").rglob("run.json")
             if record.parent.parent.name == other.parent.name}  # fmt: skip
    assert taken == {other.name}
    # The one that is left is taken once it is mended.
    (damaged / "history.csv").write_text(history)
    outcome = project.run(MADE[0], config=CONFIG)
    assert (outcome.code, outcome.jobs["restore"]) == (0, 1), outcome.output


def everything_says_so(project):
    """Make what sums up, of archived runs alone."""
    outcome = project.run(*SAID, config=CONFIG)
    assert outcome.code == 0, outcome.output
    summary, opening, document = (
        (project.folder / name).read_text(encoding="utf-8") for name in SAID
    )
    for text in (summary, opening, document):
        assert "5 of 5 runs are from the archive; trained on" in text
    captions = [line for line in document.splitlines() if line.startswith(r"\caption{")]
    ends = [re.search(r"(\d of \d runs) are from the archive\.}$", line) for line in captions]
    counts = {line.split()[0]: end[1] for line, end in zip(captions, ends, strict=True) if end}
    assert counts == {
        r"\caption{Features": "2 of 2 runs",
        r"\caption{Accuracy": "4 of 4 runs",
        r"\caption{Validation": "4 of 4 runs",
        r"\caption{Distance": "5 of 5 runs",
    }
    # They are from there even if it is gone.
    archive = project.folder / "archive/spiral"
    archive.rename(project.folder / "gone")
    again = project.run(*SAID, "--dry-run", config=CONFIG)
    assert again.jobs == {}, again.output
    (project.folder / "gone").rename(archive)


def test_runs_of_older_code_are_taken_on_request_only(project):
    change = "recent - before > tolerance", "recent > tolerance + before"
    project.edit("rknet/loop.py", *change)
    jobs = planned(project)
    assert jobs["train"] == 4
    assert "restore" not in jobs
    jobs = planned(project, archive="accept older code")
    assert jobs["restore"] == 3
    assert not {"train", "train_images"} & jobs.keys()


def test_what_the_archive_has_of_an_optional_experiment_is_shown(project):
    shutil.rmtree(project.folder / "results")
    both = {**PICTURES, "seeds": 2}
    config = {"experiments": [EXPERIMENT], "optional_experiments": [both]}
    outcome = project.run("pictures", "--dry-run", config=config)
    assert outcome.code == 0, outcome.output
    assert "train_images" not in outcome.jobs
    assert outcome.jobs["restore"] == 1
    by_default = project.run("--dry-run", config=config).jobs
    assert by_default.keys() >= outcome.jobs.keys()
    assert "train_images" not in by_default
    # Another configuration needs its own files again, so it is the command at hand that goes on.
    said = project.run("results/metrics/pictures.csv", config=config).output
    assert "pictures: 1 of 2 runs" in said
    assert "the same command with the target pictures and --config optional=all" in said
    shutil.rmtree(project.folder / "results")
    config["optional"] = "all"
    jobs = project.run("pictures", "--dry-run", config=config).jobs
    assert (jobs["train_images"], jobs["restore"]) == (1, 1)
    # Without the archive, an optional experiment waits until it is finished.
    config |= {"optional": "finished", "archive": "ignore"}
    assert "train_images" not in project.run("--dry-run", config=config).jobs


def test_the_list_says_what_is_not_archived_and_what_it_would_take(project):
    partly = {**PICTURES, "seeds": 3, "depth": [1, 2]}
    config = {"experiments": [EXPERIMENT], "optional_experiments": [partly]}
    project.run("--dry-run", config=config)
    (record,) = (entry / "run.json" for entry in entries(project) if "digits" in entry.parts)
    cell, deeper = (f"digits/StandardNet/width64_depth{depth}_tanh_random_epochs1_engine-torch"
                    for depth in (1, 2))  # fmt: skip
    assert record.parent == project.folder / "archive" / cell / "seed0"
    about = read_record(record)
    about |= {"wall_time_seconds": 9000, "cpu_time_seconds": 5400}
    write_json(record, {**about, "sha256": digest(about)})
    said = project.rknet("archive", "list", "test.yaml").output
    assert said.endswith(
        "5 archived runs: 5 current.\n"
        "Of pictures, 5 of 6 runs are not archived. Those of cells that have others here would "
        "take 3.0 hours, one after another:\n"
        f"    {cell}: seeds 1, 2\n"
        f"    {deeper}: seeds 0, 1, 2; no other is here\n"
    )
    # A damaged run is not there either.
    (record.parent / "history.csv").rename(project.folder / "kept")
    said = project.rknet("archive", "list", "test.yaml").output
    assert "Of pictures, 6 of 6" not in said
    assert f"{record.parent.relative_to(project.folder / 'archive')}: damaged" in said
    (project.folder / "kept").rename(record.parent / "history.csv")
    # Nothing is missing of what is whole, and what has no run at all is not the archive's.
    for depth, seeds in ((1, 1), (3, 2)):
        whole = {**PICTURES, "depth": depth, "seeds": seeds}
        project.run("--dry-run", config={**config, "optional_experiments": [whole]})
        said = project.rknet("archive", "list", "test.yaml").output
        assert said.splitlines()[-1].startswith("5 archived runs: ")


def test_images_are_left_out_until_their_files_are_here(project):
    shutil.rmtree(project.folder / "archive")
    (project.folder / "archive").symlink_to(ROOT / "archive")
    files = project.folder / "files"
    places = {name: {"folders": [str(files)]} for name in ("mnist", "fashion_mnist")}
    places["cache"] = str(project.folder / "downloads")
    config = {"experiments": [EXPERIMENT], "optional_experiments": ["images"], "images": places}
    assert "restore" not in project.run("--dry-run", config=config).jobs
    files.mkdir()
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (files / f"{name}-ubyte").touch()
    jobs = project.run("--dry-run", config=config).jobs
    assert jobs["restore"] > 0
    assert "train_images" not in jobs


def test_an_audit_trains_runs_again_and_finds_a_forgery(project):
    points = [entry for entry in entries(project) if "spiral" in entry.parts]
    audit = ("audit", "test.yaml", "--seed", "5", "--runs")
    outcome = project.rknet(*audit, "2")
    assert outcome.code == 0, outcome.output
    assert "Seed 5 draws 2 of 5 runs" in outcome.output
    assert outcome.output.count("equal, bit for bit") == 2
    # With two of five drawn, one wrong run may hide, and so may two and three.
    assert "2 of 5 drawn, all equal: if 4 or more of the 5 (80 %)" in outcome.output
    assert not (project.folder / "results/audit/seed5").exists()

    forge_history(points[0], 1, 0.2)
    other_machine(points[1])
    assert project.rknet("archive", "verify").code == 0
    outcome = project.rknet(*audit, "5")
    assert outcome.code == 1
    assert re.search(f"{points[0].parent.name}/seed0: trained again, it has other bytes in history",
                     outcome.output)  # fmt: skip
    # Bytes that are equal are, whatever machine they come from.
    assert outcome.output.count("equal, bit for bit") == 4
    assert "5 of 5 drawn, 1 of them wrong" in outcome.output
    assert "What was trained is in results/audit/seed5" in outcome.output


def test_an_archive_travels_as_a_crate(project):
    for target in ("crate", "crate.zip"):
        outcome = project.rknet("archive", "export", target)
        assert f"{target} is a Workflow Run RO-Crate of 5 archived runs" in outcome.output
        there = project.folder / "archive"
        there.rename(project.folder / f"before_{target}")
        outcome = project.rknet("archive", "import", target)
        assert outcome.code == 0, outcome.output
        for path in (project.folder / f"before_{target}").rglob("*.*"):
            same = there / path.relative_to(project.folder / f"before_{target}")
            assert same.read_bytes() == path.read_bytes()
    said = project.rknet("archive", "list", "test.yaml").output
    assert "5 archived runs: 5 current." in said
    assert "exists already" in project.rknet("archive", "export", "crate").output
    assert "no such file" in project.rknet("archive", "import", "nowhere.zip").output
    (project.folder / "x.zip").write_text("x")
    assert "x.zip is no crate" in project.rknet("archive", "import", "x.zip").output
    assert "no archived runs" in project.rknet("archive", "import", "config").output
