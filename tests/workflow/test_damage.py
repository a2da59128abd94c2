"""A damaged file is found before it is used, named, and made again; `make verify` finds it too."""

import json
import shutil

import pytest
from project import EXPERIMENT, Project

from rknet.study.records import digest

RUN = "runs/spiral/RK4Net/width4_depth2_tanh_random_epochs2/seed0"
DEEPER = {"experiments": [{**EXPERIMENT, "depth": [1, 2, 3]}]}


@pytest.fixture
def project(finished, tmp_path) -> Project:
    """A finished project to damage."""
    return finished.duplicate(tmp_path / "project")


def flipped(content: bytes) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("file", "damage", "target", "remade"),
    [
        (
            "datasets/spiral/seed0-*.npz",
            truncated,
            f"{RUN.replace('depth2', 'depth3')}/run.json",
            "dataset",
        ),
        (f"{RUN}/history.csv", flipped, "curves/depth.csv", "train"),
        (f"{RUN}/parameters.safetensors", flipped, "figures/figure5.png", "train"),
    ],
    ids=["dataset", "history", "parameters"],
)
def test_a_damaged_file_is_named_and_made_again(project, file, damage, target, remade):
    (path,) = (project.folder / "results").glob(file)
    original = path.read_bytes()
    path.write_bytes(damage(original))
    (project.folder / "results" / target).unlink(missing_ok=True)
    # What is there already does not need its dataset any more.
    config = DEEPER if remade == "dataset" else None
    outcome = project.run(f"results/{target}", config=config)
    assert outcome.code != 0
    assert f"{path.relative_to(project.folder)} is" in outcome.output
    assert "and the same command" in outcome.output
    verified = project.verify(config)
    assert verified.code == 1
    assert str(path.relative_to(project.folder)) in verified.output
    # As the message says.
    if remade == "dataset":
        path.unlink()
    else:
        shutil.rmtree(path.parent)
    outcome = project.run(f"results/{target}", config=config)
    assert outcome.code == 0, outcome.output
    assert remade in outcome.jobs
    assert path.read_bytes() == original


def test_a_run_whose_record_is_damaged_is_made_again(project):
    """And so are no others."""
    record = project.folder / "results" / RUN / "run.json"
    record.write_bytes(truncated(record.read_bytes()))
    assert str(record.relative_to(project.folder)) in project.verify().output
    outcome = project.run("results/metrics/depth.csv")
    assert outcome.code == 0, outcome.output
    assert outcome.jobs == {"train": 1, "metrics": 1}
    assert project.verify().code == 1  # the tables are still to be made from it


def test_undamaged_results_are_verified(finished):
    outcome = finished.verify()
    assert outcome.code == 0, outcome.output
    assert "4 runs and" in outcome.output
    assert "All are unchanged, and match the present code and config" in outcome.output


def test_an_edit_outdates_what_rests_on_it(project):
    project.edit("rknet/show/tables/files.py")
    assert project.verify().code == 0
    project.edit("workflow/scripts/write_table.py", after="\nx = 1\n")
    outcome = project.verify()
    assert outcome.code == 1
    assert "- since then new: workflow/scripts/write_table.py:x" in outcome.output
    assert "results/tables/preprint_table1.tex" in outcome.output
    assert "runs/" not in outcome.output
    assert "you need not delete anything" in outcome.output
    assert "Delete" not in outcome.output
    project.edit("workflow/scripts/train.py", after="\nx = 1\n")
    outcome = project.verify()
    assert f"results/{RUN}/run.json" in outcome.output
    assert "- since then new: workflow/scripts/train.py:x" in outcome.output


def test_another_config_outdates_results(project):
    outcome = project.verify(DEEPER)
    assert outcome.code == 1
    assert "- the experiment depth now has it" in outcome.output
    assert "depth3_tanh_random_epochs2/seed1/run.json" in outcome.output


def test_runs_beyond_the_config_do_no_harm(project):
    outcome = project.verify({"experiments": [{**EXPERIMENT, "seeds": 1}]})
    assert outcome.code == 0
    assert "2 files are not part of the config, which does no harm" in outcome.output
    assert "- no experiment in the config has it" in outcome.output
    assert f"results/{RUN.replace('seed0', 'seed1')}/run.json" in outcome.output
    assert "Delete" not in outcome.output


def test_missing_and_changed_results_are_listed(project):
    results = project.folder / "results"
    (results / "figures/figure5.pdf").unlink()
    (results / "tables/table1.md").write_text("accuracy: 100 %")
    (results / "metrics/depth.csv").write_text("accuracy: 100 %")
    (results / "records/tables/table2.tex.json").unlink()
    (results / "records/claims.csv.json").write_text("{}")
    shutil.rmtree(results / RUN)
    outcome = project.verify()
    assert outcome.code == 1
    assert "files are missing, damaged, or changed since they were made" in outcome.output
    assert "- it is missing\n    results/figures/figure5.pdf" in outcome.output
    assert "    results/tables/table1.md" in outcome.output
    assert "- its content has another checksum" in outcome.output
    assert "- no record says how it was made" in outcome.output
    assert "    results/tables/table2.md" in outcome.output
    assert "claims.csv.json is no record of a result" in outcome.output
    assert f"{RUN}/run.json" in outcome.output
    assert "metrics/depth.csv has changed since it was made from it" in outcome.output
    assert "`make reproduce CONFIG=test.yaml` makes them again" in outcome.output


def test_datasets_that_earlier_code_has_drawn_do_no_harm(project):
    results = project.folder / "results"
    record = results / "records/datasets/spiral"
    (path,) = record.glob("seed0-*.json")
    old = json.loads(path.read_text())
    del old["sha256"]
    name = "datasets/spiral/seed0-00000000.npz"
    old["outputs"] = {name: "0" * 64}
    old["code"]["digest"] = "0" * 16
    text = json.dumps({**old, "sha256": digest(old)})
    (record / "seed0-00000000.npz.json").write_text(text)
    assert project.verify().code == 0


def test_without_provenance_there_is_nothing_to_verify(project):
    provenance = project.folder / "results/provenance.json"
    provenance.write_text("{}")
    assert "provenance.json is no record of results" in project.verify().output
    provenance.unlink()
    outcome = project.verify()
    assert outcome.code == 1
    assert "Nothing to verify" in outcome.output
    assert "provenance.json" in outcome.output
    assert "unknown key" in project.verify({"seedz": 3}).output
