"""Every job's record says what its results are made of."""

import json
from types import SimpleNamespace

import pytest

from rknet.files import file_hash
from rknet.study.recording import code_of, note_code, record_each, recorded
from rknet.study.records import job_records, located, read_record, within


class Named(list):
    """As Snakemake's lists: some of the values have names."""

    def __init__(self, values=(), **named):
        super().__init__([*values, *named.values()])
        self._named = named
        self.__dict__.update(named)

    def items(self):
        return self._named.items()

    def keys(self):
        return self._named.keys()


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text("x = 1\n")
    (tmp_path / "results").mkdir()
    (tmp_path / "results/source.csv").write_text("1\n")
    (tmp_path / "printed.csv").write_text("2\n")
    return SimpleNamespace(
        rule="table",
        config={"results": "results"},
        params=Named(code=code_of(["script.py"]), names=("a", "b")),
        input=Named(["results/source.csv", "printed.csv", "printed.csv"]),
        output=Named(["results/tables/one.csv", "results/tables/one.tex"]),
        log=Named(["table.log"]),
    )


def make(job):
    with recorded(job) as same:
        assert same is job
        for path in job.output:
            (located(path, ".")).parent.mkdir(exist_ok=True)
            located(path, ".").write_text(path)


def test_a_record_is_written_last_and_names_everything(job):
    make(job)
    record = read_record("results/records/tables/one.csv.json")
    assert record["rule"] == "table"
    assert record["params"] == {"names": ["a", "b"]}
    assert record["inputs"] == {"source.csv": file_hash("results/source.csv"),
                                "printed.csv": file_hash("printed.csv")}  # fmt: skip
    assert record["outputs"] == {
        f"tables/one.{suffix}": file_hash(f"results/tables/one.{suffix}")
        for suffix in ("csv", "tex")
    }
    assert {"versions", "commit", "hardware"} <= record.keys()
    code = json.loads(located(f"code/{record['code']['digest']}.json", "results").read_text())
    assert code["roots"] == ["script.py"]
    assert code["parts"].keys() == {"script.py:x"}


def test_a_record_takes_the_place_of_those_of_earlier_jobs(job):
    """Each file was made by a job of its own; now one job makes both."""
    one, both = job.output[1], job.output
    job.output = Named([one])
    make(job)
    assert [path.name for path, _ in job_records("results")] == ["one.tex.json"]
    job.output = both
    make(job)
    assert [path.name for path, _ in job_records("results")] == ["one.csv.json"]


def test_a_job_that_fails_has_no_record(job):
    with pytest.raises(RuntimeError), recorded(job):
        raise RuntimeError
    assert list(job_records("results")) == []


def test_a_job_that_fails_leaves_none_of_its_results(job):
    """A part of them, or results without a record, would pass for what the job makes."""
    with pytest.raises(RuntimeError), recorded(job):
        located("tables", "results").mkdir()
        located("tables/one.csv", "results").write_text("half")
        raise RuntimeError
    assert [path.name for path in located("tables", "results").iterdir()] == []


def test_a_job_whose_record_cannot_be_written_leaves_none_of_its_results(job):
    located("records", "results").write_text("no folder")
    with pytest.raises(OSError, match="records"):
        make(job)
    assert [path.name for path in located("tables", "results").iterdir()] == []


def test_a_job_of_runs_that_fails_leaves_those_that_are_finished(job):
    job.output = Named(history="results/history.csv", record="results/run.json")
    with pytest.raises(RuntimeError), recorded(job):
        located("history.csv", "results").write_text("whole")
        raise RuntimeError
    assert located("history.csv", "results").read_text() == "whole"


@pytest.fixture
def parted(job):
    """The job, with two parts: each is made from one of its files."""
    names = {"one": "results/source.csv", "two": "printed.csv"}
    parts = [
        {
            "inputs": {"source": [source]},
            "outputs": [f"results/{name}.csv", f"results/{name}.tex"],
            "params": {"code": code_of(["script.py"]), "word": name},
        }
        for name, source in names.items()
    ]
    job.params = Named(parts=parts)
    return job


def test_each_part_of_a_job_has_a_record_of_its_own(parted):
    given = []

    def make(inputs, outputs, word):
        given.append((inputs, word))
        for path in outputs:
            located(path, ".").write_text(word)

    record_each(parted, make)
    assert given == [({"source": ["results/source.csv"]}, "one"),
                     ({"source": ["printed.csv"]}, "two")]  # fmt: skip
    for name, source in {"one": "source.csv", "two": "printed.csv"}.items():
        record = read_record(f"results/records/{name}.csv.json")
        assert (record["rule"], record["params"]) == ("table", {"word": name})
        assert record["inputs"].keys() == {source}
        assert record["outputs"].keys() == {f"{name}.csv", f"{name}.tex"}
        assert located(f"code/{record['code']['digest']}.json", "results").is_file()


def test_a_part_that_fails_leaves_the_others(parted):
    def make(inputs, outputs, word):
        for path in outputs:
            located(path, ".").write_text(word)
        if word == "one":
            raise RuntimeError(word)

    with pytest.raises(RuntimeError, match="one"):
        record_each(parted, make)
    made = {path.name for path in located(".", "results").iterdir() if path.is_file()}
    assert made == {"source.csv", "two.csv", "two.tex"}
    assert [path.name for path, _ in job_records("results")] == ["two.csv.json"]


def test_the_log_says_why_a_job_failed(job):
    with pytest.raises(RuntimeError), recorded(job):
        raise RuntimeError("spilled coffee")
    log = located("table.log", ".").read_text()
    assert log.startswith("Traceback")
    assert log.endswith("RuntimeError: spilled coffee\n")


def test_all_parts_that_fail_are_named(parted):
    def make(inputs, outputs, word):
        raise RuntimeError(word)

    with pytest.raises(ExceptionGroup, match="2 of 2 parts failed") as failed:
        record_each(parted, make)
    assert [str(error) for error in failed.value.exceptions] == ["one", "two"]


def test_a_run_writes_its_own_record(job):
    job.output = Named(history="results/runs/history.csv", record="results/runs/run.json")
    with recorded(job):
        pass
    assert list(job_records("results")) == []
    assert located(f"code/{job.params.code['digest']}.json", "results").is_file()


def test_code_that_was_edited_while_a_job_ran_is_not_written_down(tmp_path):
    note_code(tmp_path, {"digest": "0" * 16, "roots": ["rknet.seeds:stream"]})
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_record_is_named(job):
    make(job)
    path = located("records/tables/one.csv.json", "results")
    path.write_text(path.read_text().replace("table", "stool"))
    ((found, error),) = job_records("results")
    assert found == path
    assert "is no record of a result" in str(error)
    assert "delete it and the file that it is about" in str(error)


def test_paths_are_those_from_the_folder_of_the_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert within("results/a/b", "results") == "a/b"
    assert within(tmp_path / "results/a", "results") == "a"
    assert within("rknet/a.csv", "results") == "rknet/a.csv"
    assert within("results/../results/./a//b/", "results") == "a/b"
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    for path in ("link/a", "disk/a", "./link/../disk/a"):
        assert within(path, "link") == within(path, tmp_path / "disk") == "a"
    # A result that is itself a link elsewhere is still a result.
    (tmp_path / "disk/a").symlink_to(tmp_path / "elsewhere")
    assert within("link/a", "link") == "a"
