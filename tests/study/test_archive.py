"""Archived runs: small, checked, given back as they were, and found out if they are forged."""

import itertools
import platform
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from archived import (
    IMAGES,
    POINTS,
    forge,
    forge_history,
    other_machine,
    rewrite,
    trained,
)

from rknet.files import file_hash, write_json
from rknet.show.figures import classified
from rknet.study import outputs
from rknet.study.archive import audit, command
from rknet.study.archive.audit import compared, drawn, noticed
from rknet.study.archive.entries import (
    COMPONENTS,
    LARGEST,
    ArchiveError,
    add,
    check,
    entries,
    restore,
)
from rknet.study.archive.taken import (
    KEY,
    comes_from_archive,
    is_taken,
    is_usable,
    training_seconds,
    with_count,
)
from rknet.study.frames import archived_in_words, collect, curves
from rknet.study.outputs import Outputs
from rknet.study.principal_axes import principal_axes
from rknet.study.records import digest, read_record

TOLERANCE = audit.SMALL_STEPS


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A run on points and one on images."""
    folder = tmp_path_factory.mktemp("results")
    return {"folder": folder, **{c.dataset: trained(folder, c) for c in (POINTS, IMAGES)}}


@pytest.fixture
def archive(results, tmp_path):
    """Both of them, archived."""
    for name in (POINTS.dataset, IMAGES.dataset):
        add(results[name], tmp_path / "archive")
    return tmp_path / "archive"


def entry(archive, results, name):
    return archive / results[name].relative_to(results["folder"] / "runs")


def code_of_run(results, name):
    return read_record(results[name] / "run.json")["code"]["digest"]


def size(folder):
    return sum(path.stat().st_size for path in folder.iterdir())


@pytest.mark.parametrize("name", [POINTS.dataset, IMAGES.dataset])
def test_a_run_comes_back_as_it_was(results, archive, tmp_path, name):
    before, kept = results[name], entry(archive, results, name)
    assert size(kept) <= LARGEST
    restore(kept, tmp_path / "back", code_of_run(results, name))
    names = {path.name for path in before.iterdir()}
    assert {path.name for path in (tmp_path / "back").iterdir()} == names
    for file in names - {"run.json", "outputs.npz"}:
        assert (tmp_path / "back" / file).read_bytes() == (before / file).read_bytes()
    # What tables and curves are made of is the same.
    one, other = (collect([read_record(f / "run.json")]) for f in (before, tmp_path / "back"))
    assert one.drop(columns="archived").equals(other.drop(columns="archived"))
    assert archived_in_words(one) == ""
    where = read_record(before / "run.json")["hardware"]["processor"]
    said = f"The run is from the archive; trained on {where}"
    assert archived_in_words(other) == f"{said}."
    restore(kept, tmp_path / "older", "other code")
    assert (
        archived_in_words(collect([read_record(tmp_path / "older/run.json")]))
        == f"{said}, by older code."
    )
    assert curves([before / "history.csv"]).equals(curves([tmp_path / "back/history.csv"]))
    old, new = read_record(before / "run.json"), read_record(tmp_path / "back/run.json")
    about = new.pop(KEY)
    assert about["files_sha256"] == old.pop("files_sha256")
    new.pop("files_sha256")
    assert new == old
    assert comes_from_archive(tmp_path / "back/run.json")
    assert not comes_from_archive(before / "run.json")


def test_captions_count_archived_runs():
    assert with_count("Features.", [False, True, True]) == (
        "Features. 2 of 3 runs are from the archive."
    )
    assert with_count("Features.", [False]) == with_count("Features.", []) == "Features."


def test_pictures_of_features_are_the_same(results, archive, tmp_path):
    kept = entry(archive, results, IMAGES.dataset)
    restore(kept, tmp_path / "back", "other")
    (data,) = (results["folder"] / "datasets/digits").iterdir()
    shown = [
        classified.read_all([folder / "run.json"], [folder / "outputs.npz"], [data])[0]
        for folder in (results[IMAGES.dataset], tmp_path / "back")
    ]
    whole, small = (run.outputs.features for run in shown)
    assert (whole.shape, small.shape) == ((897, 64), (897, COMPONENTS))
    points = [principal_axes(y, 3).transform(y) for y in (whole, small)]
    np.testing.assert_allclose(points[1], points[0], atol=1e-4 * np.abs(points[0]).max())
    assert (shown[0].predicted == shown[1].predicted).all()
    assert shown[0].accuracy_percent == shown[1].accuracy_percent


def test_what_is_archived_is_archived_once(results, archive, tmp_path):
    before = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()}
    assert add(results[POINTS.dataset], archive).endswith("is archived already")
    # From another archive, too.
    assert add(entry(archive, results, POINTS.dataset), archive).endswith("is archived already")
    assert {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()} == before
    copied = entry(archive, results, POINTS.dataset)
    assert "archived, " in add(copied, tmp_path / "other")
    other = entry(tmp_path / "other", results, POINTS.dataset)
    assert (other / "run.json").read_bytes() == (copied / "run.json").read_bytes()


def test_a_run_of_other_code_takes_the_place_and_one_of_the_same_does_not(
    results, archive, tmp_path
):
    newer = tmp_path / "newer" / Path(*results[POINTS.dataset].parts[-4:])
    shutil.copytree(results[POINTS.dataset], newer)
    other_machine(newer)
    with pytest.raises(ArchiveError, match=r"same code.*Another processor.*delete that folder"):
        add(newer, archive)
    kept = entry(archive, results, POINTS.dataset)
    code = read_record(newer / "run.json")["code"]
    rewrite(newer, code={**code, "digest": "0" * 16})
    with pytest.raises(ArchiveError, match=r"present code; this one is of other.*Another proc"):
        add(newer, archive)
    assert read_record(kept / "run.json")["code"] == code
    rewrite(kept, code={**code, "digest": "1" * 16})
    assert "archived instead of one of other code" in add(newer, archive)
    assert read_record(kept / "run.json")["code"]["digest"] == "0" * 16
    assert "archived instead of one of other code" in add(results[POINTS.dataset], archive)


def test_what_was_archived_stays_if_the_disk_is_full(results, archive, monkeypatch):
    kept = entry(archive, results, IMAGES.dataset)
    rewrite(kept, code=None)
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    copy = shutil.copyfile

    def full(source, target):
        if kept in Path(target).parents and Path(source).name == "history.csv":
            raise OSError(28, "No space left on device")
        return copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        add(results[IMAGES.dataset], archive)
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before


@pytest.mark.parametrize("dataset", ["../../outside", "/outside", "..", "a/b"])
def test_nothing_is_written_beside_the_archive(results, tmp_path, dataset):
    copy = tmp_path / "runs" / Path(*results[POINTS.dataset].parts[-4:])
    shutil.copytree(results[POINTS.dataset], copy)
    rewrite(copy, setting={**read_record(copy / "run.json")["setting"], "dataset": dataset})
    with pytest.raises(ArchiveError, match=r"seed0: its record is that of .*no folder"):
        add(copy, tmp_path / "archive")
    assert not (tmp_path / "archive").exists()


def test_the_record_of_something_else_is_no_run(tmp_path):
    about = {"code": "of another program"}
    write_json(tmp_path / "run.json", {**about, "sha256": digest(about)})
    with pytest.raises(ArchiveError, match=r"is no run of rknet .*files_sha256"):
        add(tmp_path, tmp_path / "archive")


def test_an_archive_that_is_not_there_is_said_to_be(tmp_path, capsys):
    assert command.verify_all(str(tmp_path / "nowhere")) == 1
    assert f"no archived runs in {tmp_path / 'nowhere'}" in capsys.readouterr().out


def test_a_damaged_run_is_not_archived(results, tmp_path):
    copy = tmp_path / Path(*results[IMAGES.dataset].parts[-4:])
    shutil.copytree(results[IMAGES.dataset], copy)
    (copy / "history.csv").write_text("epoch\n0\n")
    with pytest.raises(ArchiveError, match=r"history\.csv is not what the run wrote"):
        add(copy, tmp_path / "archive")
    assert entries(tmp_path / "archive") == {}


def test_what_is_too_large_is_not_archived(results, tmp_path):
    wide = trained(tmp_path, replace(POINTS, width=64, depth=8))
    with pytest.raises(ArchiveError, match=r"parameters\.safetensors; expected at most 60000"):
        add(wide, tmp_path / "archive")


def test_a_full_image_set_of_the_paper_fits(results, tmp_path):
    """1500 features of 900 dimensions, 41 epochs."""
    copy = tmp_path / Path(*results[IMAGES.dataset].parts[-4:])
    shutil.copytree(results[IMAGES.dataset], copy)
    rng = np.random.default_rng(0)
    y = rng.standard_normal((1500, 900)).astype(np.float32)
    outputs.save(copy / "outputs.npz", Outputs(y, rng.integers(10, size=1500)))
    header, *_, last = (copy / "history.csv").read_text().splitlines()
    rows = [f"{epoch},{last.split(',', 1)[1]}" for epoch in range(41)]
    (copy / "history.csv").write_text("\n".join([header, *rows]) + "\n")
    hashes = {name: file_hash(copy / name) for name in ("history.csv", "outputs.npz")}
    about = {**read_record(copy / "run.json")["dataset"], "samples": [1500, 1500]}
    rewrite(copy, dataset=about, files_sha256=hashes, last_epoch=40)
    add(copy, tmp_path / "archive")
    (path,) = entries(tmp_path / "archive")
    check(tmp_path / "archive" / path)
    assert size(tmp_path / "archive" / path) < LARGEST


def test_a_diverged_run_is_archived(results, tmp_path):
    copy = tmp_path / Path(*results[IMAGES.dataset].parts[-4:])
    shutil.copytree(results[IMAGES.dataset], copy)
    whole = outputs.load(copy / "outputs.npz", 897)
    nothing = Outputs(np.full_like(whole.features, np.nan), whole.predicted)
    outputs.save(copy / "outputs.npz", nothing)
    header, *rows = (copy / "history.csv").read_text().splitlines()
    rows[-1] = "2," + ",".join(["nan"] * (header.count(",")))
    (copy / "history.csv").write_text("\n".join([header, *rows]) + "\n")
    record = read_record(copy / "run.json")
    rewrite(
        copy,
        status="diverged",
        last_metrics=dict.fromkeys(record["last_metrics"]),
        files_sha256={name: file_hash(copy / name) for name in record["files_sha256"]},
    )
    add(copy, tmp_path / "archive")
    kept = entry(tmp_path / "archive", results, IMAGES.dataset)
    check(kept)
    assert np.isnan(outputs.load(kept / "outputs.npz", 897).features).all()


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def another_run(folder):
    shutil.move(folder, folder.with_name("seed7"))
    return folder.with_name("seed7")


def without_a_row(folder):
    path = folder / "history.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    forge(folder)


def without_match(folder):
    last = read_record(folder / "run.json")["last_metrics"]
    rewrite(folder, last_metrics={**last, "validation_cost": 0.125})


FAULTS = {
    "a flipped bit": (lambda f: flip(f / "history.csv"), r"seed0: history\.csv is damaged, or was"),
    "a flipped bit of the outputs": (lambda f: flip(f / "outputs.npz"), r"outputs\.npz is damaged"),
    "no history": (lambda folder: (folder / "history.csv").unlink(), "a file is missing"),
    "no record": (lambda folder: flip(folder / "run.json"), "no archived run|is no record"),
    "more": (lambda folder: (folder / "more.txt").write_text("x"), "it has other files: more.txt"),
    "another place": (another_run, "its record is that of digits/StandardNet/.*seed0"),
    "a row less": (without_a_row, "its history has 2 rows, expected 3"),
    "another end": (without_match, "its history ends with validation_cost .*, its record with 0.1"),
    "format": (
        lambda f: rewrite(f, **{KEY: {**read_record(f / "run.json")[KEY], "format": 2}}),
        "found format 2, expected 1",
    ),
    "a folder": (
        lambda f: (f / "history.csv").unlink() or (f / "history.csv").mkdir(),
        "is no archived run .*history.csv",
    ),
    "no machine": (lambda f: rewrite(f, hardware={"gpus": None, "processor": "x"}), "TypeError"),
    "no time": (lambda f: rewrite(f, wall_time_seconds=-1), "found wall_time_seconds -1"),
    "a run": (lambda f: rewrite(f, **{KEY: None}), "not an archived run but a run"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_damage_is_named(results, archive, fault):
    do, words = FAULTS[fault]
    folder = entry(archive, results, IMAGES.dataset)
    moved = do(folder)
    folder = moved if isinstance(moved, Path) else folder
    with pytest.raises(ArchiveError, match=words) as error:
        check(folder)
    assert str(folder) in str(error.value)
    with pytest.raises(ArchiveError, match="`git checkout archive` brings back what git has"):
        restore(folder, archive.parent / "back", "")
    assert not (archive.parent / "back").exists()


def test_a_run_is_taken_as_long_as_it_is_what_the_archive_has(results, archive, tmp_path):
    folder, code = entry(archive, results, POINTS.dataset), code_of_run(results, POINTS.dataset)
    record = tmp_path / "back/run.json"
    assert not is_taken(folder, record, code)
    restore(folder, record.parent, code)
    assert is_taken(folder, record, code)
    # It would say now that it is of older code.
    assert not is_taken(folder, record, "other code")
    history = record.with_name("history.csv")
    kept = history.rename(history.with_suffix(".gone"))
    assert not is_taken(folder, record, code)
    kept.rename(history)
    assert is_taken(folder, record, code)
    rewrite(folder, wall_time_seconds=1.5)
    assert not is_taken(folder, record, code)
    restore(folder, record.parent, code)
    assert is_taken(folder, record, code)
    rewrite(folder, **{KEY: None})
    assert not is_taken(folder, record, code)
    # One that was trained here was not taken.
    trained_here = results[POINTS.dataset] / "run.json"
    assert not is_taken(folder, trained_here, code)


def test_a_run_on_other_data_is_not_given_back(results, archive, tmp_path):
    (tmp_path / "other.npz").write_bytes(b"other")
    with pytest.raises(ArchiveError, match=r"trained on another .*archive: ignore"):
        folder = entry(archive, results, POINTS.dataset)
        restore(folder, tmp_path / "x", "", tmp_path / "other.npz")


def test_which_archived_runs_stand_for_one_that_would_be_trained(results, archive):
    folder = entry(archive, results, POINTS.dataset)
    record = read_record(folder / "run.json")
    setting, code = record["setting"], record["code"]["digest"]
    data = Path(record["dataset_file"])
    assert is_usable(folder, setting, code, data, older=False)
    assert not is_usable(folder, setting, "other", data, older=False)
    assert is_usable(folder, setting, "other", data, older=True)
    assert not is_usable(folder, {**setting, "seed": 1}, code, data, older=True)
    assert not is_usable(folder, setting, code, data.with_name("seed0-00000000.npz"), older=True)
    assert not is_usable(folder / "nowhere", setting, code, data, older=True)
    flip(folder / "run.json")
    assert not is_usable(folder, setting, code, data, older=True)


@pytest.mark.parametrize(("among", "count"), [(5, 1), (5, 2), (6, 3), (7, 7), (8, 4)])
def test_how_many_wrong_runs_would_be_noticed(among, count):
    """By looking at every draw."""
    draws = list(itertools.combinations(range(among), count))

    def seen(wrong):
        return sum(any(number < wrong for number in draw) for draw in draws) / len(draws)

    least = noticed(among, count)
    assert seen(least) >= 0.95
    assert least == 1 or seen(least - 1) < 0.95


def test_what_five_of_forty_show():
    found = [audit.Finding(f"run{number}", False, "equal") for number in range(5)]
    assert noticed(40, 5) == 18
    assert audit.conclusion(found, 40) == (
        "5 of 40 drawn, all equal: if 18 or more of the 40 (45 %) were wrong, this would have been "
        "noticed with 95 % probability."
    )
    found[2] = audit.Finding("run2", True, "other")
    assert "5 of 40 drawn, 1 of them wrong" in audit.conclusion(found, 40)


def test_what_was_not_trained_again_or_compared_up_to_rounding_shows_less():
    equal, failed = (audit.Finding("run", False, "", trained=trained) for trained in (True, False))
    assert audit.conclusion([failed] * 2, 40) == (
        "2 of 40 drawn, 2 of them not trained again, of which nothing is known: nothing was found "
        "out."
    )
    said = audit.conclusion([failed, *[equal] * 5], 40)
    assert "1 of them not trained again, of which nothing is known, all others equal" in said
    assert "if 18 or more of the 40" in said
    other = equal._replace(exact=False)
    said = audit.conclusion([equal, other, other], 3)
    assert "2 of them only within the tolerance of another machine" in said


def test_a_draw_is_as_long_as_wanted_and_can_be_repeated():
    whole = {"last_epoch": 40, "resumed_after_epoch": None}
    records = {
        f"run{n}": {"wall_time_seconds": 60 * (n + 1), "cpu_time_seconds": 3600, **whole}
        for n in range(10)
    }
    # Its last ten epochs took five minutes.
    records["long"] = {
        **{"wall_time_seconds": 300, "cpu_time_seconds": 300},
        **{"last_epoch": 40, "resumed_after_epoch": 30},
    }
    # Of those that take up to ten minutes, 5.5 on average, one fits.
    chosen, among = drawn(records, 0, 10)
    assert len(chosen) == 1
    assert set(among) == records.keys() - {"long"}
    assert drawn(records, 0, 10) == (chosen, among)
    chosen, among = drawn(records, 0, 10, runs=4)
    assert len(set(chosen)) == 4
    assert set(among) == records.keys()
    assert len(drawn(records, 0, 10, runs=100)[0]) == 11
    assert drawn({}, 0, 10) == ([], [])
    counts = dict.fromkeys(records, 0)
    for seed in range(1100):
        for path in drawn(records, seed, 10, runs=1)[0]:
            counts[path] += 1
    # A hundred each: the chance that any is this far off is below 1e-5.
    assert all(50 < count < 150 for count in counts.values())


def test_a_resumed_run_took_as_long_as_all_its_epochs():
    clocks = {"wall_time_seconds": 300, "cpu_time_seconds": 500}
    record = {**clocks, "last_epoch": 40, "resumed_after_epoch": None}
    assert training_seconds(record) == 300
    # It waited for other programs.
    assert training_seconds({**record, "wall_time_seconds": 900}) == 500
    assert training_seconds({**record, "resumed_after_epoch": 30}) == 1200
    # The process that wrote the record had no epoch left to train.
    assert training_seconds({**record, "resumed_after_epoch": 40}) == 300
    assert training_seconds({**record, "last_epoch": 0}) == 300


@pytest.mark.parametrize("name", [POINTS.dataset, IMAGES.dataset])
def test_a_run_trained_again_is_equal(results, archive, tmp_path, name):
    again = trained(tmp_path, {POINTS.dataset: POINTS, IMAGES.dataset: IMAGES}[name])
    found = compared(entry(archive, results, name), again, TOLERANCE)
    assert (found.wrong, found.words) == (False, "equal, bit for bit")


def test_versions_that_both_records_name_are_compared(results, archive):
    folder = entry(archive, results, POINTS.dataset)
    versions = read_record(folder / "run.json")["versions"]
    del versions["torch"]
    rewrite(folder, versions=versions)
    forge_history(folder, 1, 0.2)
    assert compared(folder, results[POINTS.dataset], TOLERANCE).wrong
    rewrite(folder, versions={**versions, "numpy": "1.0"})
    found = compared(folder, results[POINTS.dataset], TOLERANCE)
    assert not found.wrong
    assert f"elsewhere (numpy 1.0, here {np.__version__})" in found.words


def better_in_the_middle(folder):
    forge_history(folder, 1, 0.1)
    return "history.csv"


def better_at_the_end(folder):
    forge_history(folder, 2, 0.1)
    return "history.csv, last_metrics of the record"


def other_predictions(folder):
    kept = outputs.load(folder / "outputs.npz", 897)
    outputs.save(folder / "outputs.npz", Outputs(kept.features, (kept.predicted + 1) % 10))
    forge(folder)
    return "outputs.npz"


def other_features(folder):
    kept = outputs.load(folder / "outputs.npz", 897)
    outputs.save(folder / "outputs.npz", Outputs(kept.features * np.float32(1.01), kept.predicted))
    forge(folder)
    return "outputs.npz"


def a_better_epoch_said(folder):
    rewrite(folder, early_stop_epoch=1)
    return "early_stop_epoch of the record"


@pytest.mark.parametrize(
    "fault",
    [
        better_in_the_middle,
        better_at_the_end,
        other_predictions,
        other_features,
        a_better_epoch_said,
    ],
)
def test_a_forgery_is_found_by_training_alone(results, archive, tmp_path, fault):
    folder = entry(archive, results, IMAGES.dataset)
    what = fault(folder)
    check(folder)  # every checksum is right
    found = compared(folder, results[IMAGES.dataset], TOLERANCE)
    assert found.wrong
    assert what in found.words


def test_another_machine_may_round_otherwise(results, archive):
    folder = entry(archive, results, IMAGES.dataset)
    other_machine(folder)
    rewrite(folder, versions={"python": "3.0", "numpy": np.__version__, "gone": "1"})
    # Bytes that are equal are, wherever they come from.
    found = compared(folder, results[IMAGES.dataset], TOLERANCE)
    assert (found.wrong, found.words, found.exact) == (False, "equal, bit for bit", True)
    path = folder / "history.csv"
    header, *rows = path.read_text().splitlines()
    nudged = [",".join([n, *(f"{float(v) * (1 + 1e-6):.9g}" for v in rest)]) for n, *rest in
              (row.split(",") for row in rows)]  # fmt: skip
    path.write_text("\n".join([header, *nudged]) + "\n")
    forge(folder)
    end = dict(zip(header.split(",")[1:], map(float, nudged[-1].split(",")[1:]), strict=True))
    rewrite(folder, last_metrics=end)
    found = compared(folder, results[IMAGES.dataset], TOLERANCE)
    assert not found.wrong
    assert re.fullmatch(
        r"the same within the tolerance, as it was trained elsewhere \(machine Another processor, "
        rf"here .+; python 3\.0, here {re.escape(platform.python_version())}\)",
        found.words,
    )
    assert not found.exact
    # Predictions have the accuracy that the history ends with.
    whole = (folder / "outputs.npz").read_bytes()
    kept = outputs.load(folder / "outputs.npz", 897)
    guessed = Outputs(kept.features, np.roll(kept.predicted, 1))
    outputs.save(folder / "outputs.npz", guessed)
    forge(folder)
    found = compared(folder, results[IMAGES.dataset], TOLERANCE)
    assert found.wrong
    assert re.fullmatch(
        r"its predictions have [\d.]+ % accuracy, its history says [\d.]+ %", found.words
    )
    (folder / "outputs.npz").write_bytes(whole)
    forge(folder)
    for epoch, points, words in ((1, 2.0, "by up to 2 points"), (2, 30.0, "by up to 30 points")):
        forge_history(folder, epoch, points)
        found = compared(folder, results[IMAGES.dataset], TOLERANCE)
        assert found.wrong
        assert f"accuracies differ {words}, expected at most 0.5 points" in found.words
    # Of networks that are sensitive to rounding, only the start and the end say something.
    assert "at most 25 points" in compared(folder, results[IMAGES.dataset], audit.OTHERS).words


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_record_that_tells_of_other_data_or_files_is_wrong(results, archive, elsewhere):
    folder = entry(archive, results, IMAGES.dataset)
    if elsewhere:
        other_machine(folder)
    record = read_record(folder / "run.json")
    rewrite(folder, dataset_file=f"/elsewhere/{record['dataset_file']}")
    assert not compared(folder, results[IMAGES.dataset], TOLERANCE).wrong
    whole = outputs.load(folder / "outputs.npz", 897)
    outputs.save(folder / "outputs.npz", Outputs(whole.features[:100], whole.predicted[:100]))
    samples = [record["dataset"]["samples"][0], 100]
    rewrite(folder, dataset={**record["dataset"], "samples": samples})
    forge(folder)
    check(folder)
    found = compared(folder, results[IMAGES.dataset], TOLERANCE)
    assert found.wrong
    assert "its data are" in found.words
    (folder / "outputs.npz").unlink()
    files = {name: sha for name, sha in record["files_sha256"].items() if name != "outputs.npz"}
    before = {**record[KEY]["files_sha256"]}
    del before["outputs.npz"]
    rewrite(folder, dataset=record["dataset"], files_sha256=files,
            **{KEY: {**record[KEY], "files_sha256": before}})  # fmt: skip
    check(folder)
    found = compared(folder, results[IMAGES.dataset], TOLERANCE)
    assert (found.wrong, found.words) == (True, "it has the files history.csv only")


def test_a_run_that_another_machine_began_otherwise_is_wrong(results, archive):
    folder = entry(archive, results, IMAGES.dataset)
    other_machine(folder)
    path = folder / "history.csv"
    header, first, *rows = path.read_text().splitlines()
    values = first.split(",")
    values[1] = f"{float(values[1]) * 1.01:.9g}"
    path.write_text("\n".join([header, ",".join(values), *rows]) + "\n")
    forge(folder)
    found = compared(folder, results[IMAGES.dataset], TOLERANCE)
    assert found.wrong
    assert "costs before training differ by up to 1 %, expected at most 0.01 %" in found.words
    assert compared(folder, results[IMAGES.dataset], audit.OTHERS).wrong


def test_other_data_are_named(results, archive):
    folder = entry(archive, results, IMAGES.dataset)
    rewrite(folder, dataset_sha256="0" * 64)
    assert "its data are not" in compared(folder, results[IMAGES.dataset], TOLERANCE).words
    found = compared(folder, folder.parent / "nowhere", TOLERANCE)
    assert (found.wrong, found.trained) == (False, False)
    assert found.words == "it could not be trained again"
