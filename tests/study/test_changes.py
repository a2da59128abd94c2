"""What has changed since a result was made, in words."""

import json
from types import SimpleNamespace

import pytest

from rknet.files import file_hash, write_json
from rknet.study.archive.taken import KEY
from rknet.study.changes import History, code_changes, setting_changes, shortened
from rknet.study.fingerprints import Code
from rknet.study.recording import note_code, write_record
from rknet.study.records import digest, read_record

RUN = "spiral/RK4Net/width4/seed0"


@pytest.fixture(autouse=True)
def code(tmp_path, monkeypatch):
    """Scripts whose fingerprint is found again each time, as by another process."""
    monkeypatch.chdir(tmp_path)

    def now(roots):
        return Code({}).fingerprint(roots)

    for module in ("changes", "recording"):
        monkeypatch.setattr(f"rknet.study.{module}.fingerprint", now)
    for name in ("draw", "train", "collect", "write"):
        (tmp_path / f"{name}.py").write_text("SIZE = 1\ndef f():\n    return SIZE\n")
    return now


def job(folder, rule, output, inputs, now):
    """Write a file and its record."""
    code = {"digest": now([f"{rule}.py"]).digest, "roots": [f"{rule}.py"]}
    note_code(folder, code)
    path = folder / output
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(output)
    record = {
        "rule": rule,
        "written": "2026-01-01",
        "code": code,
        "inputs": {name: file_hash(folder / name) for name in inputs},
        "outputs": {output: file_hash(path)},
    }
    write_json(folder / f"records/{output}.json", {**record, "sha256": digest(record)})


@pytest.fixture
def results(tmp_path, code):
    """A dataset, a run, its metrics, and a table."""
    folder = tmp_path / "results"
    job(folder, "draw", "datasets/spiral/seed0.npz", [], code)
    run = folder / "runs" / RUN
    run.mkdir(parents=True)
    (run / "history.csv").write_text("1")
    trained = {"digest": code(["train.py"]).digest, "roots": ["train.py"]}
    note_code(folder, trained)
    about = {
        "setting": {"epochs": 3},
        "code": trained,
        "dataset_file": "datasets/spiral/seed0.npz",
        "dataset_sha256": file_hash(folder / "datasets/spiral/seed0.npz"),
    }
    write_record(run / "run.json", about, [run / "history.csv"])
    job(folder, "collect", "metrics/depth.csv", [f"runs/{RUN}/run.json"], code)
    job(folder, "write", "tables/one.tex", ["metrics/depth.csv"], code)
    return folder


def why(file="results/tables/one.tex", setting=None, runs=(RUN,)):
    setup = SimpleNamespace(
        results="results",
        runs={run: run for run in runs},
        setting=lambda run: setting or {"epochs": 3},
    )
    return History(setup).explain(file)


def test_nothing_has_changed(results):
    assert why() == (
        "results/tables/one.tex was made by the rule write, 2026-01-01. Nothing has changed since: "
        "neither its code nor its inputs."
    )
    assert "by the rule train. Nothing" in why(f"results/runs/{RUN}/history.csv")


def test_a_run_from_the_archive_says_so_and_needs_no_dataset(results):
    run = results / "runs" / RUN / "run.json"
    record = read_record(run)
    taken = {**record, KEY: {}, "hardware": {"gpus": [], "processor": "Zen"}}
    write_json(run, {**taken, "sha256": digest(taken)})
    (results / "datasets/spiral/seed0.npz").unlink()
    assert why(str(run)) == (
        f"{run} was taken from the archive; trained on Zen. Nothing has changed since: neither its "
        "code nor its inputs."
    )
    write_json(run, {**record, "sha256": digest(record)})
    assert "missing inputs: datasets/spiral/seed0.npz" in why(str(run))


def test_a_run_whose_record_says_nothing_of_its_code(results):
    run = results / "runs" / RUN / "run.json"
    record = {**read_record(run), "code": None}
    write_json(run, {**record, "sha256": digest(record)})
    assert "its record does not say what code made it" in why(str(run))


@pytest.mark.parametrize(
    ("rule", "file"),
    [
        ("write", "tables/one.tex"),
        ("collect", "metrics/depth.csv"),
        ("train", f"runs/{RUN}/run.json"),
        ("draw", "datasets/spiral/seed0.npz"),
    ],
)
def test_changed_definitions_are_named_wherever_they_are(results, rule, file):
    path = results.parent / f"{rule}.py"
    path.write_text("SIZE = 2\n# A comment.\ndef g():\n    return SIZE\n")
    assert why().splitlines()[1:] == [
        f"{file}:",
        f"    changed: {rule}.py:SIZE",
        f"    new: {rule}.py:g",
        f"    gone: {rule}.py:f",
    ]


def test_a_script_that_is_gone(results):
    (results.parent / "write.py").unlink()
    assert "there is no file write.py" in why()


def test_code_of_which_nothing_is_written_down(results):
    (results.parent / "write.py").write_text("SIZE = 2\n")
    for path in (results / "code").iterdir():
        path.unlink()
    assert "its code; no list of its former definitions was kept" in why()


def test_a_setting_that_means_something_else(results):
    assert "    epochs: 3 is now 5" in why(setting={"epochs": 5}).splitlines()
    assert "no experiment in the config has this run any more" in why(runs=())


def test_damaged_and_missing_files(results):
    (results / "metrics/depth.csv").write_text("other")
    said = why()
    assert "metrics/depth.csv:\n    its content is not what was made" in said
    assert "changed inputs: metrics/depth.csv" in said
    (results / "metrics/depth.csv").unlink()
    said = why()
    assert "metrics/depth.csv:\n    it is missing" in said
    assert "missing inputs: metrics/depth.csv" in said
    (results / f"runs/{RUN}/run.json").write_text("{}")
    assert "run.json is no record of a run" in why()
    assert "run.json is no record of a run" in why(f"results/runs/{RUN}/history.csv")


def test_what_nobody_has_made(results, tmp_path):
    (tmp_path / "mine.txt").write_text("")
    assert "mine.txt: no record says how it was made. Only files that the" in why("mine.txt")
    assert "made, and it does not exist" in why("results/tables/nine.tex")
    assert "made, and it does not exist" in why("results/runs/a/b/c/seed0/run.json")


def test_files_with_the_same_reason_stand_together(results, code):
    for name in "ab":
        job(results, "draw", f"datasets/{name}.npz", [], code)
    job(results, "write", "tables/two.tex", ["datasets/a.npz", "datasets/b.npz"], code)
    (results.parent / "draw.py").write_text("SIZE = 2\ndef f():\n    return SIZE\n")
    assert why("results/tables/two.tex").splitlines()[1:] == [
        "2 files such as datasets/a.npz:",
        "    changed: draw.py:SIZE",
    ]


def test_words_stay_short():
    assert setting_changes({"A": [[0] * 40]}, {"A": [[1] * 40], "b": 1}) == [
        "A has changed",
        "b: None is now 1",
    ]
    assert shortened([str(n) for n in range(12)])[-2:] == ["9", "and 2 more"]


def test_unreadable_notes_are_none(results, code):
    (results.parent / "write.py").write_text("SIZE = 2\n")
    record = json.loads((results / "records/tables/one.tex.json").read_text())
    (results / f"code/{record['code']['digest']}.json").write_text("{}")
    told = code_changes(record["code"], results)
    assert told == ["its code; no list of its former definitions was kept"]
