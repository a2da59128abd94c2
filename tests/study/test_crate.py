"""A crate of archived runs is one, by the validator of RO-Crates."""

import json
import os
import subprocess
import zipfile

import pytest
from archived import IMAGES, POINTS, trained
from project import ROOT

from rknet.study.archive.crate import CrateError, export, unpacked
from rknet.study.archive.entries import add
from rknet.study.records import read_record

#: Where continuous integration has the validator: its needs are others than the project's.
VALIDATOR = ROOT / "build/validator"
CONTEXT = "lib/python3*/site-packages/rocrate/data/ro-crate.jsonld"
PROFILES = ("ro-crate-1.1", "workflow-ro-crate", "process-run-crate", "workflow-run-crate")


@pytest.fixture(scope="module")
def crate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crate")
    (folder / "Snakefile").write_text("rule all:\n")
    for cell in (POINTS, IMAGES):
        add(trained(folder / "results", cell), folder / "archive")
    export(folder / "archive", folder / "crate")
    return folder / "crate"


def described(crate):
    graph = json.loads((crate / "ro-crate-metadata.json").read_text())["@graph"]
    return {entity["@id"]: entity for entity in graph}


def test_every_run_is_an_action_with_its_settings_and_files(crate):
    found = described(crate)
    actions = [entity for entity in found.values() if entity["@type"] == "CreateAction"]
    assert len(actions) == 2
    for action in actions:
        files = {found[each["@id"]]["@id"] for each in action["result"]}
        (record,) = [name for name in files if name.endswith("run.json")]
        setting = read_record(crate / record)["setting"]
        assert {found[each["@id"]]["name"] for each in action["object"]} == set(setting)
        assert action["instrument"] == {"@id": "Snakefile"}
        for name in files - {record}:
            sha256 = read_record(crate / record)["files_sha256"][name.rpartition("/")[2]]
            assert found[name]["sha256"] == sha256
        folder = (crate / record).parent
        assert {path.relative_to(crate).as_posix() for path in folder.iterdir()} == files


#: What is changed in the headers of a zip: where, by the kind of header, and to what.
ODD = {"encrypted": ((6, 8), 1), "packed in an unknown way": ((8, 10), 99)}


@pytest.mark.parametrize("odd", ODD)
def test_a_zip_that_cannot_be_unpacked_is_no_crate(tmp_path, odd):
    path = tmp_path / "crate.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("run.json", "{}")
    content, (places, value) = bytearray(path.read_bytes()), ODD[odd]
    for header, place in zip((b"PK\3\4", b"PK\1\2"), places, strict=True):
        content[content.index(header) + place] = value
    path.write_bytes(content)
    with pytest.raises(CrateError, match=r"crate\.zip is no crate"), unpacked(path):
        pass


@pytest.mark.skipif(
    not VALIDATOR.is_dir() and "CI" not in os.environ, reason="roc-validator is not installed"
)
@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_valid(crate, profile):
    (context,) = VALIDATOR.glob(CONTEXT)
    done = subprocess.run(
        [VALIDATOR / "bin/python", ROOT / "tests/validate_crate.py", crate, profile, context],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " checks" in done.stdout
