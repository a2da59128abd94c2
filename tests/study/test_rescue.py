"""A finished run is put back if it was removed, and not otherwise."""

import os

import pytest

from rknet.study.recording import write_record
from rknet.study.records import checked, read_record
from rknet.study.rescue import discard, put_back


@pytest.fixture
def run(tmp_path):
    """The record of a finished run."""
    (tmp_path / "history.csv").write_text("epoch,cost\n0,0.5\n")
    write_record(tmp_path / "run.json", {"setting": {}}, [tmp_path / "history.csv"])
    return tmp_path / "run.json"


def content(run):
    return {path.name: path.read_bytes() for path in run.parent.glob("*.*") if path.is_file()}


def test_what_was_removed_is_put_back(run):
    before = content(run)
    for name in before:
        run.with_name(name).unlink()
    assert put_back(run)
    assert content(run) == before
    checked(read_record(run), run.with_name("history.csv"))


def test_what_is_there_stays(run):
    before = content(run)
    assert not put_back(run)
    discard(run)
    assert content(run) == before
    assert {path.name for path in run.parent.iterdir()} == before.keys()


def test_what_was_discarded_or_never_finished_is_not_put_back(run, tmp_path):
    discard(run)
    run.unlink()
    assert not put_back(run)
    assert not run.exists()
    assert not put_back(tmp_path / "never/run.json")


def test_the_last_of_two_trainings_is_kept(run):
    run.with_name("history.csv").write_text("epoch,cost\n0,0.4\n")
    write_record(run, {"setting": {}}, [run.with_name("history.csv")])
    again = content(run)
    for name in again:
        run.with_name(name).unlink()
    assert put_back(run)
    assert content(run) == again


def test_a_file_system_without_links_keeps_nothing(tmp_path, monkeypatch):
    def no_link(*_):
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", no_link)
    run = tmp_path / "run.json"
    write_record(run, {"setting": {}}, [])
    assert read_record(run)["setting"] == {}
    run.unlink()
    assert not put_back(run)
