"""A job trains the seeds of a cell that follow one another; a node finds it by its name."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rknet import datasets
from rknet.cell import AXES, Cell
from rknet.networks.base import network
from rknet.study.cell_jobs import rule_name, seed_ranges, seeds_in_words
from rknet.study.records import is_made_of, read_record
from rknet.study.training import train_each, train_run

SEEDS = st.dictionaries(st.integers(0, 12), st.booleans(), max_size=8)


@given(SEEDS)
def test_each_unfinished_seed_has_one_job(finished):
    ranges = seed_ranges(finished)
    assert sorted(seed for seeds in ranges for seed in seeds) == sorted(
        seed for seed, done in finished.items() if not done
    )
    for seeds in ranges:
        assert list(seeds) == list(range(seeds[0], seeds[-1] + 1))
        # No job is cut in two.
        assert finished.get(seeds[0] - 1, True)
        assert finished.get(seeds[-1] + 1, True)


@given(SEEDS, st.data())
def test_a_node_finds_its_job_after_some_of_its_runs_are_finished(finished, data):
    """Its name says which seeds it trains."""
    for seeds in seed_ranges(finished):
        meanwhile = {
            seed: done or (seed in seeds[1:] and data.draw(st.booleans()))
            for seed, done in finished.items()
        }
        found = {rule_name(part): part for part in seed_ranges(meanwhile, parts=True)}
        assert found[rule_name(seeds)] == seeds


@given(SEEDS)
def test_a_node_that_needs_a_cell_has_no_job_for_it(finished):
    assert seed_ranges(dict.fromkeys(finished, True), parts=True) == []


@pytest.mark.parametrize(
    ("seeds", "words", "name"),
    [((3,), "seed 3", "train_seed_3"), ((0, 1, 2), "seeds 0 to 2", "train_seeds_0_to_2")],
)
def test_names(seeds, words, name):
    assert (seeds_in_words(seeds), rule_name(seeds)) == (words, name)


@pytest.fixture
def runs(tmp_path):
    """Settings, files and logs of three runs of a cell."""
    drawn = [tmp_path / f"seed{seed}-01234567.npz" for seed in range(3)]
    for seed, path in enumerate(drawn):
        datasets.save(path, datasets.draw("spiral", seed))
    files = {"dataset": list(map(str, drawn))}
    for name, file in {"history": "history.csv", "record": "run.json"}.items():
        files[name] = [str(tmp_path / f"seed{seed}" / file) for seed in range(3)]
    logs = [str(tmp_path / f"seed{seed}.log") for seed in range(3)]
    cell = Cell("spiral", "RK4Net", width=4, depth=1, epochs=1)
    setting = {axis: getattr(cell, axis) for axis in AXES}
    setting["network_definition"] = network({"tableau": "heun"}).definition()
    return [{**setting, "seed": seed} for seed in range(3)], files, logs


CODE = {"digest": "abc", "roots": []}


def test_a_run_is_the_same_whatever_is_trained_before_it(runs, tmp_path):
    settings, files, logs = runs
    train_each(settings, files, logs, code=CODE)
    for number, setting in enumerate(settings):
        alone = [tmp_path / "alone" / name for name in ("history.csv", "run.json")]
        train_run(setting, files["dataset"][number], *alone, log=io.StringIO(), code=CODE)
        assert alone[0].read_bytes() == (tmp_path / f"seed{number}/history.csv").read_bytes()


@pytest.mark.parametrize("failing", [{0}, {1}, {2}, {0, 2}])
def test_a_run_that_fails_leaves_the_others(runs, tmp_path, failing):
    settings, files, logs = runs
    for number in failing:
        files["dataset"][number] = str(tmp_path / "missing.npz")
    error = ExceptionGroup if len(failing) > 1 else ValueError
    with pytest.raises(error):
        train_each(settings, files, logs, code=CODE)
    for number in range(3):
        log = (tmp_path / f"seed{number}.log").read_text()
        assert ("is no dataset file" in log) == (number in failing)
        assert (tmp_path / f"seed{number}/run.json").is_file() == (number not in failing)


def made_of(tmp_path, runs, **changes):
    settings, *_ = runs
    asked = {
        "path": tmp_path / "seed0/run.json",
        "setting": settings[0],
        "code": "abc",
        "dataset": tmp_path / "seed0-01234567.npz",
    }
    return is_made_of(**asked | changes)


def test_a_finished_run_is_made_of_its_setting_code_and_dataset(runs, tmp_path):
    settings, files, logs = runs
    assert not made_of(tmp_path, runs)
    train_each(settings[:1], {k: v[:1] for k, v in files.items()}, logs[:1], code=CODE)
    assert made_of(tmp_path, runs)
    assert not made_of(tmp_path, runs, code="abd")
    assert not made_of(tmp_path, runs, dataset=tmp_path / "seed0-76543210.npz")
    for key in settings[0]:
        assert not made_of(tmp_path, runs, setting={**settings[0], key: "another"})
    # As it is after a key of the setting has been added or removed.
    assert not made_of(tmp_path, runs, setting={**settings[0], "new": 0})


@pytest.mark.parametrize("name", ["history.csv", "run.json"])
def test_a_run_without_one_of_its_files_is_not_finished(runs, tmp_path, name):
    settings, files, logs = runs
    train_each(settings, files, logs, code=CODE)
    (tmp_path / "seed0" / name).unlink()
    assert not made_of(tmp_path, runs)


def test_a_run_whose_record_is_damaged_is_not_finished(runs, tmp_path):
    settings, files, logs = runs
    train_each(settings, files, logs, code=CODE)
    path = tmp_path / "seed0/run.json"
    record = read_record(path)
    path.write_text(json.dumps({**record, "last_epoch": 99}))
    assert not made_of(tmp_path, runs)
    path.write_text(path.read_text()[:100])
    assert not made_of(tmp_path, runs)
