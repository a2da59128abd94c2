"""Reading YAML: what is there is what a reader sees, or it is refused."""

import subprocess

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from project import ROOT

from rknet.show.entries import PaperError, read_mapping
from rknet.study.yaml_files import YamlError, read_yaml


def written(folder, content):
    path = folder / "some.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


LISTED = subprocess.run(
    ["git", "ls-files", "*.yaml", "*.yml"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split()


@pytest.mark.parametrize("name", [name for name in LISTED if not name.startswith("tests/faults")])
def test_every_file_shipped_is_read_as_pyyaml_does(name):
    assert read_yaml(ROOT / name) == yaml.safe_load((ROOT / name).read_text())


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(plain)
def test_what_yaml_writes_is_read(tmp_path_factory, value):
    text = yaml.safe_dump(value, allow_unicode=True)
    assert read_yaml(written(tmp_path_factory.getbasetemp(), text)) == yaml.safe_load(text)


GOOD = {
    "mark": (b"\xef\xbb\xbfseeds: 1\n", {"seeds": 1}),
    "line ends": (b"seeds: 1\r\ndevice: cpu\r\n", {"seeds": 1, "device": "cpu"}),
    "JSON with tabs": (b'{\n\t"seeds": [1,\t2]\n}', {"seeds": [1, 2]}),
    "a merge and an override": (
        b"a: &a {b: 1, c: 2}\nd: {<<: *a, b: 3}\n",
        {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}},
    ),
    "merges that share a key": (
        b"a: &a {b: 1}\nc: &c {b: 2, d: 4}\ne: {<<: [*a, *c]}\n",
        {"a": {"b": 1}, "c": {"b": 2, "d": 4}, "e": {"b": 1, "d": 4}},
    ),
    "an alias twice": (b"a: &a {b: 1}\nc: [*a, *a]\n", {"a": {"b": 1}, "c": [{"b": 1}] * 2}),
    "a key in two mappings": (b"- {a: 1}\n- {a: 2}\n", [{"a": 1}, {"a": 2}]),
    "text and number": (b"{1: a, '1': b}", {1: "a", "1": "b"}),
    "zero": (b"[0, -0, 0.5, '010', 0x10, 10:30pm]", [0, 0, 0.5, "010", 16, "10:30pm"]),
    "empty": (b"", None),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_yaml_is_read(name, tmp_path):
    content, wanted = GOOD[name]
    assert read_yaml(written(tmp_path, content)) == wanted


def test_all_problems_are_listed_by_their_lines(tmp_path):
    path = written(tmp_path, "a: 010\nb: 1\nb: 2\nc:\n  d: 1\n  d: 1\n  d: 1\n")
    with pytest.raises(YamlError) as error:
        read_yaml(path)
    assert str(error.value).split("; ") == [
        "line 1: found 010, which YAML takes for 8",
        "write it otherwise, or in quotes if it is text",
        "the key 'b' is in line 2 and again in line 3",
        "expected it once",
        "the key 'd' is in line 5 and again in line 6",
        "expected it once",
        "the key 'd' is in line 6 and again in line 7",
        "expected it once",
    ]


def test_a_file_of_a_thousand_problems_has_a_short_message(tmp_path):
    with pytest.raises(YamlError) as error:
        read_yaml(written(tmp_path, "a: 1\n" * 1000))
    assert len(str(error.value)) < 1000


def test_a_key_twice_in_a_paper_is_refused(tmp_path):
    path = written(tmp_path, "title: one\nshort: two\ntitle: three\n")
    with pytest.raises(PaperError, match="'title' is in line 1 and again in line 3") as error:
        read_mapping(path)
    assert str(error.value).startswith(f"{path} cannot be read: ")
