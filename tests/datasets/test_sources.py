"""Getting image files: from folders, and from a server that may do anything."""

import gzip
import hashlib
import http.server
import threading
import time

import pytest
from served import CONTENTS, NAMES, ROLES, serving

from rknet.datasets.image_files import sources
from rknet.datasets.image_files.sources import SourceError, fetch


@pytest.fixture(autouse=True)
def _small_files(monkeypatch, tmp_path):
    checksums = {role: hashlib.sha256(content).hexdigest() for role, content in CONTENTS.items()}
    monkeypatch.setattr(sources, "CHECKSUMS", {"mnist": checksums, "fashion_mnist": checksums})
    monkeypatch.setattr(sources, "TIMEOUT", 0.3)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("RKNET_CACHE", str(tmp_path / "cache"))


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves the files below folders that are named after what goes wrong."""

    def do_GET(self):
        self.server.asked.append(self.path)
        _, how, name = self.path.split("/")
        content = next(
            (c for role, c in CONTENTS.items() if name == f"{NAMES[role]}.gz"), b"no such file"
        )
        body = gzip.compress(content)
        headers = {"Content-Length": len(body)}
        if how == "slow":
            time.sleep(1)
        if how == "truncated":
            body = body[: len(body) // 2]
        if how == "cut":  # no length is given, so only the archive itself tells
            body, headers = body[: len(body) // 2], {}
        if how == "corrupted":
            body = bytes([*body[:-9], body[-9] ^ 1, *body[-8:]])
        if how == "other":
            body = gzip.compress(content + b"!")
            headers = {"Content-Length": len(body)}
        if how == "encoded":  # some servers declare the archive an encoding of the file
            headers["Content-Encoding"] = "gzip"
        if how == "redirected":
            body, headers = b"", {"Location": f"/good/{name}", "Content-Length": 0}
        status = {"missing": 404, "broken": 500, "redirected": 302}.get(how, 200)
        try:
            self.send_response(status)
            for header, value in headers.items():
                self.send_header(header, str(value))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # whoever asked did not wait

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with serving(_Handler) as server:
        yield server


def mirrors(server, *how):
    return {"mnist": {"folders": [], "mirrors": [f"{server.address}/{each}" for each in how]}}


def contents(files):
    return {role: file.content for role, file in files.items()}


def left_in(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()} - {".lock"}


@pytest.mark.parametrize("how", ["good", "redirected", "encoded"])
def test_files_are_downloaded_once(server, tmp_path, how):
    files = fetch("mnist", mirrors(server, how))
    assert contents(files) == CONTENTS
    assert left_in(tmp_path / "cache") == set(NAMES.values())
    asked = len(server.asked)
    assert contents(fetch("mnist", mirrors(server, how))) == CONTENTS
    assert len(server.asked) == asked


BAD = {
    "truncated": "IncompleteRead",
    "cut": "damaged gzip archive",
    "corrupted": "damaged gzip archive",
    "other": "does not match the known hash",
    "missing": "404",
    "broken": "500",
    "slow": "timed out",
}


@pytest.mark.parametrize("how", BAD)
def test_a_bad_mirror_leaves_nothing_and_says_why(server, tmp_path, how):
    with pytest.raises(SourceError) as error:
        fetch("mnist", mirrors(server, how))
    for word in ("mnist", NAMES["train-images"], f"{server.address}/{how}/", BAD[how],
                 str(tmp_path / "cache"), "images: mnist: folders"):  # fmt: skip
        assert word in str(error.value)
    assert left_in(tmp_path) == set()


@pytest.mark.parametrize("how", BAD)
def test_the_next_mirror_is_tried(server, tmp_path, how):
    assert contents(fetch("mnist", mirrors(server, how, "good"))) == CONTENTS
    assert left_in(tmp_path / "cache") == set(NAMES.values())


def test_every_place_tried_is_listed(server, tmp_path):
    places = mirrors(server, "missing", "other")
    places["mnist"]["folders"] = [str(tmp_path / "nowhere")]
    places["mnist"]["mirrors"].append("http://127.0.0.1:9")
    with pytest.raises(SourceError) as error:
        fetch("mnist", places)
    lines = str(error.value).splitlines()
    for place in ("nowhere: no such file", "/missing/", "/other/", "127.0.0.1:9/"):
        assert sum(place in line for line in lines) == 1


def test_what_is_complete_is_kept_and_the_rest_is_fetched(server, tmp_path):
    cache = tmp_path / "cache/images/mnist"
    cache.mkdir(parents=True)
    (cache / NAMES["train-images"]).write_bytes(CONTENTS["train-images"])
    (cache / NAMES["train-labels"]).write_bytes(CONTENTS["train-labels"][:100])
    assert contents(fetch("mnist", mirrors(server, "good"))) == CONTENTS
    assert [path.split("/")[2] for path in server.asked] == [
        f"{NAMES[role]}.gz" for role in ROLES[1:]
    ]


@pytest.mark.parametrize("dot", [False, True])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_folder_may_hold_archives_or_files(tmp_path, dot, compressed):
    for role, content in CONTENTS.items():
        name = NAMES[role].replace("-idx", ".idx") if dot else NAMES[role]
        name += ".gz" if compressed else ""
        (tmp_path / name).write_bytes(gzip.compress(content) if compressed else content)
    files = fetch("mnist", {"mnist": {"folders": [str(tmp_path)]}})
    assert contents(files) == CONTENTS
    assert {file.path.parent for file in files.values()} == {tmp_path}
    assert not (tmp_path / "cache").exists()


def test_a_wrong_file_in_a_folder_is_named_and_passed_over(tmp_path, server):
    (tmp_path / NAMES["train-images"]).write_bytes(b"\0\0\x08\x01other")
    places = {"mnist": {"folders": [str(tmp_path)], "mirrors": []}}
    with pytest.raises(SourceError, match=f"{NAMES['train-images']}: not the published file"):
        fetch("mnist", places)
    places["mnist"]["mirrors"] = [f"{server.address}/good"]
    assert contents(fetch("mnist", places)) == CONTENTS


def test_a_set_without_files_is_refused():
    with pytest.raises(SourceError, match="spiral has no published files; there are mnist"):
        fetch("spiral", {})


def test_advice_names_debians_package():
    with pytest.raises(SourceError, match="apt-get install dataset-fashion-mnist"):
        fetch("fashion_mnist", {})


def test_the_cache_can_be_chosen(server, tmp_path):
    places = {**mirrors(server, "good"), "cache": str(tmp_path / "mine")}
    fetch("mnist", places)
    assert left_in(tmp_path / "mine") == set(NAMES.values())
    assert left_in(tmp_path / "cache") == set()


def test_many_at_once_download_once(server):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(fetch("mnist", mirrors(server, "good"))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [contents(files) for files in found] == [CONTENTS] * 4
    assert len(server.asked) == 4


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(("name", "below"), [("mnist", "MNIST"), ("fashion_mnist", "FashionMNIST")])
def test_files_that_torchvision_has_left_are_found(name, below, suffix, tmp_path):
    """It keeps the archives beside what it has unpacked, in a folder for each set."""
    raw = tmp_path / "data" / below / "raw"
    raw.mkdir(parents=True)
    for role, content in CONTENTS.items():
        (raw / f"{NAMES[role]}{suffix}").write_bytes(gzip.compress(content) if suffix else content)
    for folder in (tmp_path / "data", raw):
        found = fetch(name, {name: {"folders": [str(folder)]}})
        assert {role: file.content for role, file in found.items()} == CONTENTS
        assert {file.path.parent for file in found.values()} == {raw}
    # They are those of one set only.
    other = {"mnist": "fashion_mnist", "fashion_mnist": "mnist"}[name]
    with pytest.raises(SourceError):
        fetch(other, {other: {"folders": [str(tmp_path / "data")]}})
