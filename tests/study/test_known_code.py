"""Digests of code that another process has found are those that this one would find."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from project import ROOT

from rknet.study import fingerprints, known_code
from rknet.study.fingerprints import fingerprint
from rknet.study.known_code import digest_of, keep
from rknet.study.roots import rule_roots

ROOTS = [rule_roots(path.stem) for path in sorted((ROOT / "workflow/scripts").glob("*.py"))]
KINDS = [("rknet.engines.compiled:Compiled",), ("rknet.optimisers.adam:Adam",)]


@pytest.fixture
def process(monkeypatch, tmp_path):
    """Called, it makes this process one that has found nothing; it has a cache of its own."""
    monkeypatch.setenv("RKNET_CACHE", str(tmp_path / "cache"))

    def begin():
        for function in (
            known_code._digest_of,
            known_code._known,
            known_code._new,
            known_code._state,
        ):
            function.cache_clear()

    begin()
    yield begin
    begin()


@pytest.fixture
def asked(monkeypatch):
    """The roots whose fingerprint is found, not known."""
    found = []

    def find(roots, kinds):
        found.append(roots)
        return fingerprint(roots, kinds)

    monkeypatch.setattr(known_code, "fingerprint", find)
    return found


def files(tmp_path):
    return list((tmp_path / "cache").rglob("*.json"))


def test_another_process_knows_what_this_one_has_found(process, asked, tmp_path):
    found = [digest_of(roots, KINDS) for roots in ROOTS]
    assert asked == ROOTS
    keep()
    assert len(files(tmp_path)) == 1
    process()
    assert [digest_of(roots, KINDS) for roots in ROOTS] == found
    assert asked == ROOTS
    for roots, (digest, all_roots) in zip(ROOTS, found, strict=True):
        fresh = fingerprint(roots, KINDS)
        assert (digest, all_roots) == (fresh.digest, list(fresh.roots))


def test_what_two_processes_find_is_kept(process, asked):
    for roots in ROOTS[:2]:
        process()
        digest_of(roots)
        keep()
    process()
    for roots in ROOTS[:2]:
        digest_of(roots)
    assert asked == ROOTS[:2]


def test_the_order_of_roots_does_not_matter(process, asked):
    both = ("rknet.tableau:ButcherTableau", "rknet.seeds:stream")
    assert digest_of(both) == digest_of(both[::-1])
    assert len(asked) == 1


@pytest.mark.parametrize(
    "name", ["rknet/tableau.py", "rknet/show/report.css", "rknet/paper/figures.yaml",
             "workflow/scripts/train.py", "rknet/new.txt"]
)  # fmt: skip
def test_any_edit_makes_another_state(process, monkeypatch, tmp_path, name):
    for folder in known_code._FOLDERS:
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    monkeypatch.setattr(known_code, "_CHECKOUT", tmp_path)
    before = known_code._state_now()
    with (tmp_path / name).open("a") as file:
        file.write("\n")
    after = known_code._state_now()
    assert after != before
    (tmp_path / "rknet/__pycache__").mkdir()
    (tmp_path / "rknet/__pycache__/tableau.cpython-311.pyc").write_bytes(b"")
    (tmp_path / "results.csv").touch()
    assert known_code._state_now() == after


@pytest.mark.parametrize(
    "root", ["mine.py", "numbers.csv", "{here}/mine.py", "rknet.mine.py", "rknet.csv",
             "workflow/scripts/../../mine.py"]
)  # fmt: skip
@pytest.mark.parametrize("as_kind", [False, True])
def test_files_of_the_users_are_read_each_time(
    process, asked, monkeypatch, tmp_path, root, as_kind
):
    (tmp_path / "workflow/scripts").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    root = root.format(here=tmp_path)
    digests = set()
    for text in ("x = 1\n", "x = 2\n"):
        (tmp_path / root).write_text(text)
        process()
        fingerprints._found.cache_clear()
        fingerprints._library.cache_clear()
        roots, kinds = ((), [(root,)]) if as_kind else ((root,), ())
        digests.add(digest_of((*roots, "rknet.tableau:ButcherTableau"), kinds)[0])
        keep()
    assert len(asked) == 2
    assert len(digests) == (1 if as_kind else 2)


@pytest.mark.parametrize("first", [ROOTS[0], ["{here}/mine.py"]])
def test_code_that_is_edited_meanwhile_is_not_kept(process, monkeypatch, tmp_path, first):
    """What begins with a file of the user's reads the project's own code, too."""
    (tmp_path / "mine.py").touch()
    digest_of([root.format(here=tmp_path) for root in first])
    monkeypatch.setattr(known_code, "_state_now", lambda: "another")
    digest_of(ROOTS[1])
    keep()
    assert files(tmp_path) == []


def test_a_file_elsewhere_that_a_script_names_is_read_each_time(process, asked, monkeypatch):
    """As that of a script which somebody has changed to read it."""
    named = fingerprint(ROOTS[0])
    parts = named.parts | {"workflow/scripts/train.py:../../numbers.csv": "0"}

    def find(roots, kinds):
        asked.append(roots)
        return replace(named, parts=parts)

    monkeypatch.setattr(known_code, "fingerprint", find)
    for _ in range(2):
        process()
        digest_of(ROOTS[0])
        keep()
    assert len(asked) == 2


@pytest.mark.parametrize("hidden", ["linked", "unreadable"])
def test_code_that_cannot_be_seen_is_found_each_time(process, asked, monkeypatch, tmp_path, hidden):
    """Of a folder that is a link, an edit is not seen; a file may be somebody else's."""
    (tmp_path / "rknet").mkdir()
    (tmp_path / "elsewhere").mkdir()
    if hidden == "linked":
        (tmp_path / "rknet/mine").symlink_to(tmp_path / "elsewhere")
    else:
        (tmp_path / "rknet/swap").touch()
        read = Path.read_bytes

        def refuse(path):
            if path.name == "swap":
                raise PermissionError(path)
            return read(path)

        monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(known_code, "_CHECKOUT", tmp_path)
    for _ in range(2):
        process()
        assert digest_of(["rknet.tableau:ButcherTableau"])
        keep()
    assert len(asked) == 2
    assert files(tmp_path) == []


@pytest.mark.parametrize("damage", ["", "{}", "[1]", "edited"])
def test_a_damaged_file_is_found_again_and_replaced(process, asked, tmp_path, damage):
    found = digest_of(ROOTS[0])
    keep()
    (file,) = files(tmp_path)
    text = file.read_text()
    file.write_text(text.replace(found[0], "0" * len(found[0])) if damage == "edited" else damage)
    process()
    assert digest_of(ROOTS[0]) == found
    assert len(asked) == 2
    keep()
    assert json.loads(file.read_text()) == json.loads(text)


def test_what_was_known_of_old_states_is_removed(process, monkeypatch, tmp_path):
    monkeypatch.setattr(known_code, "_STATES", 2)
    folder = tmp_path / "cache/code"
    folder.mkdir(parents=True)
    for name, written in (("older", 1), ("old", 2)):
        (folder / f"{name}.json").touch()
        os.utime(folder / f"{name}.json", (written, written))
    digest_of(ROOTS[0])
    keep()
    assert {file.name for file in files(tmp_path)} == {"old.json", f"{known_code._state()}.json"}


def test_a_cache_that_cannot_be_written_is_no_trouble(process, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("RKNET_CACHE", str(tmp_path / "file"))
    found = digest_of(ROOTS[0])
    keep()
    process()
    assert digest_of(ROOTS[0]) == found


def test_without_a_home_nothing_is_kept(process, monkeypatch):
    monkeypatch.setattr(known_code, "user_cache", lambda: None)
    assert digest_of(ROOTS[0])[0] == fingerprint(ROOTS[0]).digest
    keep()
