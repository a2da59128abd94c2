"""A damaged file is found before it is used, named, and made again; `make verify` finds it too."""

import json
import shutil

import pytest
from project import EXPERIMENT, Project

from rknet.files import file_hash
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
    assert (
        "All are unchanged, and match the present code and the config that made" in outcome.output
    )
    assert "not yet" not in outcome.output


def test_an_edit_outdates_what_rests_on_it(project):
    project.edit("rknet/show/tables/files.py")
    assert project.verify().code == 0
    project.edit("workflow/scripts/write_tables.py", after="\nx = 1\n")
    outcome = project.verify()
    assert outcome.code == 1
    assert "- since then new: workflow/scripts/write_tables.py:x" in outcome.output
    assert "results/tables/table1.tex" in outcome.output
    assert "runs/" not in outcome.output
    assert "you need not delete anything" in outcome.output
    assert "Delete" not in outcome.output
    project.edit("workflow/scripts/train.py", after="\nx = 1\n")
    outcome = project.verify()
    assert f"results/{RUN}/run.json" in outcome.output
    assert "- since then new: workflow/scripts/train.py:x" in outcome.output


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (DEEPER, "there are not yet: 2 of 6 runs of depth. `make reproduce CONFIG=test.yaml`"),
        ({"experiments": [{**EXPERIMENT, "seeds": 1}]}, "and the config that made them.\n"),
        ({"experiments": [{**EXPERIMENT, "name": "mine"}]}, "and the config that made them.\n"),
        # The default config, as if the results had been made with `--configfile` or `--config`.
        ({}, " runs of width; "),
    ],
    ids=["more", "fewer", "renamed", "default"],
)
def test_results_are_compared_with_the_config_that_made_them(finished, config, words):
    outcome = finished.verify(config)
    assert outcome.code == 0, outcome.output
    assert "All are unchanged" in outcome.output
    assert words in outcome.output
    for bad in ("Delete", "delete", "no harm", "outdated"):
        assert bad not in outcome.output


def test_a_folder_of_results_is_enough(finished, tmp_path):
    (tmp_path / "linked").symlink_to(finished.folder / "results")
    for folder in ("results", "./results/", str(tmp_path / "linked")):
        outcome = finished.rknet("verify", folder)
        assert outcome.code == 0, outcome.output
        assert "All are unchanged" in outcome.output
    assert "name their folder" in finished.rknet("verify", "config").output


def test_runs_beyond_the_config_do_no_harm(project):
    run = RUN.replace("depth2", "depth3")
    assert project.run(f"results/{run}/run.json", config=DEEPER).code == 0
    for config in (None, {}, DEEPER):
        outcome = project.verify(config)
        assert outcome.code == 0, outcome.output
        # A job trains all seeds of a cell.
        assert "2 files are valid, and not part of what was made last, which does no harm" in (
            outcome.output
        )
        assert f"results/{run}/run.json" in outcome.output
        assert "elete" not in outcome.output
    # Its content is looked at all the same.
    (project.folder / f"results/{run}/history.csv").write_text("")
    outcome = project.verify()
    assert outcome.code == 1
    assert f"results/{run}/history.csv is not what the run wrote" in outcome.output


def test_a_config_that_can_be_read_no_longer(project):
    results = project.folder / "results"
    written = json.loads((results / "provenance.json").read_text())
    written["configuration"]["experiments"] = ["gone"]
    (results / "provenance.json").write_text(json.dumps(written))
    path = results / "records/provenance.json.json"
    record = json.loads(path.read_text())
    del record["sha256"]
    record["outputs"]["provenance.json"] = file_hash(results / "provenance.json")
    path.write_text(json.dumps({**record, "sha256": digest(record)}))
    outcome = project.verify()
    assert outcome.code == 0, outcome.output
    assert "Compared with the present config, as the one that made the results" in outcome.output
    assert "there is no config/experiments/gone.yaml" in outcome.output
    outcome = project.rknet("verify", "results")
    assert outcome.code == 1
    assert "Not verified: the config that made the results: " in outcome.output


def test_results_without_their_records_are_not_called_damaged(project):
    shutil.rmtree(project.folder / "results/records/tables")
    outcome = project.verify()
    assert outcome.code == 1
    assert "unchanged, but without the record that says what code made them" in outcome.output
    assert "results/tables/table1.md" in outcome.output
    assert "Bring the folder `records` of the results back" in outcome.output
    assert "elete" not in outcome.output


def test_missing_and_changed_results_are_listed(project):
    results = project.folder / "results"
    (results / "figures/figure5.pdf").unlink()
    (results / "tables/table1.md").write_text("accuracy: 100 %")
    (results / "metrics/depth.csv").write_text("accuracy: 100 %")
    (results / "records/comparison.csv.json").unlink()
    (results / "records/claims.csv.json").write_text("{}")
    shutil.rmtree(results / RUN)
    outcome = project.verify()
    assert outcome.code == 1
    assert "files are missing, damaged, or changed since they were made" in outcome.output
    assert "- it is missing\n    results/figures/figure5.pdf" in outcome.output
    assert "    results/tables/table1.md" in outcome.output
    assert "- its content has another checksum" in outcome.output
    assert "- no record says how it was made\n    results/comparison.csv" in outcome.output
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


def test_why_knows_the_config_that_made_the_results(finished):
    said = finished.why(
        "results/metrics/depth.csv", config={"experiments": [{**EXPERIMENT, "seeds": 1}]}
    )
    assert "Nothing has changed since" in said
    assert "has this run" not in said
    # It is today's config that the workflow would go by.
    assert "But the workflow would make it again, because of its settings" in said
