"""A job trains a batch of runs that are alike; which ones does not depend on what is finished."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rknet import datasets
from rknet.cell import AXES, Cell
from rknet.networks.base import network
from rknet.study.batches import batches, in_words
from rknet.study.grids import Run
from rknet.study.records import is_made_of, read_record
from rknet.study.training import train_each, train_run

RUNS = st.lists(
    st.builds(
        Run,
        st.builds(
            Cell,
            st.just("spiral"),
            st.sampled_from(["EulerNet", "RK4Net"]),
            st.just(4),
            st.integers(1, 40),
        ),
        st.integers(0, 5),
    ),
    unique=True,
)


def depth(run):
    return run.cell.depth


def network_of(run):
    return run.cell.network


@given(RUNS, st.floats(1, 100))
def test_each_run_is_in_one_batch_of_its_kind(runs, longest):
    found = batches(runs, network_of, depth, longest)
    assert sorted(map(str, runs)) == sorted(str(run) for batch in found for run in batch)
    assert all(len(set(map(network_of, batch))) == 1 for batch in found)


@given(RUNS, st.floats(1, 100))
def test_batches_are_few_and_none_takes_much_longer_than_wanted(runs, longest):
    found = batches(runs, network_of, depth, longest)
    for name in set(map(network_of, runs)):
        of_kind = [batch for batch in found if network_of(batch[0]) == name]
        # Each ends at most half a run beyond its share on either side.
        assert all(
            sum(map(depth, batch)) <= longest + (depth(batch[0]) + depth(batch[-1])) / 2 + 1e-9
            for batch in of_kind
        )
        whole = sum(depth(run) for run in runs if network_of(run) == name)
        assert len(of_kind) <= whole / longest + 1


@given(RUNS)
def test_runs_keep_their_order(runs):
    for batch in batches(runs, network_of, depth, 30):
        places = [runs.index(run) for run in batch]
        assert places == sorted(places)


def test_a_batch_in_words():
    runs = [Run(Cell("spiral", "RK4Net", 4, depth), seed) for depth in (1, 2) for seed in (0, 1)]
    path = "spiral/RK4Net/width4_depth1_tanh_random/seed0"
    assert in_words(runs[:1]) == f"1 run: {path}"
    assert in_words(runs[:2]) == f"2 runs: {path} to seed1"
    assert in_words(runs) == (f"4 runs: {path} to spiral/RK4Net/width4_depth2_tanh_random/seed1")


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
