"""A damaged file is found before it is used, named, and made again; `make verify` finds it too."""

import shutil

import pytest
from project import EXPERIMENT, Project

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
        (f"{RUN}/run.json", truncated, "metrics/depth.csv", "train"),
    ],
    ids=["dataset", "history", "parameters", "record"],
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
    if path.name != "run.json":
        assert path.read_bytes() == original


def test_undamaged_results_are_verified(finished):
    outcome = finished.verify()
    assert outcome.code == 0, outcome.output
    assert "4 runs and" in outcome.output
    assert "All are as they were made" in outcome.output


def test_an_edit_outdates_what_rests_on_it(project):
    project.edit("rknet/show/tables/layouts.py")
    outcome = project.verify()
    assert outcome.code == 1
    assert "- changed since: rknet/show/tables/layouts.py" in outcome.output
    assert "results/tables/table1.tex" in outcome.output
    assert "runs/" not in outcome.output
    project.edit("rknet/engines/on_numba/kernels.py")
    outcome = project.verify()
    assert f"results/{RUN}/run.json" in outcome.output
    assert "- changed since: rknet/engines/kernels.py" in outcome.output


def test_another_config_outdates_results(project):
    outcome = project.verify(DEEPER)
    assert outcome.code == 1
    assert "- the experiment depth has it now" in outcome.output
    assert "depth3_tanh_random_epochs2/seed1/run.json" in outcome.output
    fewer = {"experiments": [{**EXPERIMENT, "seeds": 1}]}
    outcome = project.verify(fewer)
    assert "- no experiment of the config has it" in outcome.output
    assert f"results/{RUN.replace('seed0', 'seed1')}/run.json" in outcome.output


def test_missing_and_changed_results_are_listed(project):
    results = project.folder / "results"
    (results / "figures/figure5.pdf").unlink()
    (results / "tables/table1.md").write_text("accuracy: 100 %")
    outcome = project.verify()
    assert outcome.code == 1
    assert "2 files are missing, damaged, or changed since they were made" in outcome.output
    assert "- it is missing\n    results/figures/figure5.pdf" in outcome.output
    assert "- its content has another checksum\n    results/tables/table1.md" in outcome.output
    assert "Delete them, and `make reproduce CONFIG=test.yaml` makes them anew" in outcome.output


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
