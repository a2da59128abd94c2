"""A record says what a run's files must be; what is otherwise is named."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rknet.study.recording import write_record
from rknet.study.records import checked, read_record


@pytest.fixture
def run(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,cost\n0,0.5\n")
    write_record(tmp_path / "run.json", {"setting": {"ß": 1.5}}, [tmp_path / "history.csv"])
    return tmp_path


def test_what_is_written_is_read(run):
    record = read_record(run / "run.json")
    assert record["setting"] == {"ß": 1.5}
    assert checked(record, run / "history.csv") == run / "history.csv"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=st.data())
def test_a_flipped_bit_is_found(run, data):
    """Or it changes nothing that is read, as in white space."""
    path, original = run / "run.json", (run / "run.json").read_bytes()
    before = read_record(path)
    place = data.draw(st.integers(0, 8 * len(original) - 1))
    flipped = bytearray(original)
    flipped[place // 8] ^= 1 << place % 8
    path.write_bytes(flipped)
    try:
        found = read_record(path)
    except ValueError:
        found = None
    path.write_bytes(original)
    assert found in (None, before)


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", "null", '{"sha256": "0"}', "\x00"])
def test_what_is_no_record_is_named(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"run\.json is no record of a run.*repeats the run"):
        read_record(path)


def test_a_record_without_checksum_is_none(run):
    path = run / "run.json"
    record = json.loads(path.read_text())
    del record["sha256"]
    path.write_text(json.dumps(record))
    with pytest.raises(ValueError, match=r"KeyError\('sha256'\)"):
        read_record(path)


@pytest.mark.parametrize("content", ["", "epoch,cost\n0,0.6\n"])
def test_a_changed_file_is_named(run, content):
    record = read_record(run / "run.json")
    (run / "history.csv").write_text(content)
    with pytest.raises(ValueError, match=r"history\.csv is not what the run wrote.*repeats"):
        checked(record, run / "history.csv")


def test_a_file_that_the_record_does_not_know_is_refused(run):
    (run / "other.csv").write_text("")
    with pytest.raises(ValueError, match=r"other\.csv is not what the run wrote"):
        checked(read_record(run / "run.json"), run / "other.csv")


def test_missing_files_are_missing(run):
    with pytest.raises(FileNotFoundError):
        read_record(run / "other.json")
    record = read_record(run / "run.json")
    (run / "history.csv").unlink()
    with pytest.raises(FileNotFoundError):
        checked(record, run / "history.csv")
