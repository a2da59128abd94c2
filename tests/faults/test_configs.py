"""Mutated configurations either run or are refused, with the key's path, before any job."""

import copy
import datetime
import functools
import json
import re
from itertools import islice
from pathlib import PurePosixPath

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from project import ROOT, TINY

from rknet.engines.base import initial_parameters
from rknet.show.document import sections
from rknet.show.document.sections import resolved
from rknet.study import config
from rknet.study.config import ConfigurationError, load, main
from rknet.study.estimates import most_seconds, run_memory
from rknet.study.yaml_files import read_yaml

#: The default configuration with experiments written out, and with networks of one's own.
SHIPPED = {
    **yaml.safe_load((ROOT / "config/config.yaml").read_text()),
    "experiments": ["width", "architecture", "training"],
    "networks": {
        "Named": {"tableau": "heun"},
        "Written": {"tableau": {"A": [[0, 0], ["2/3", 0]], "beta": ["1/4", 0.75]}},
        "Mine": {"module": str(ROOT / "tests/faults/mine.py"), "options": {"hidden": 8}},
    },
}
SHIPPED = {**resolved(SHIPPED, ROOT), "seeds": 2}
SHIPPED["experiments"] += [
    "depth",
    {**TINY["experiments"][0], "name": "own", "network": ["Written", "Mine"]},
]

#: Values that somebody may write, or that are meant to break something.
ODD = [
    *(None, True, False, 0, 1, 2, -1, 16.0, 0.5, 1e-300, 1e300, 2**31, 10**9, 10**18, 10**400),
    *(float("nan"), float("inf"), -float("inf"), -0.0),
    *("", " ", "random", "sgd", "heun", "mnist", "digits", "RK4Net", "donut_99d_99c", "auto"),
    *(
        "donut_1\N{ARABIC-INDIC DIGIT THREE}d",
        "depth\n",
        "x" * 10_000,
        "\0",
        "\ud800",
        "1e999999999",
    ),
    *(
        "1e999999999",
        "../x",
        "/",
        "/etc/passwd",
        "~",
        "$(id)",
        "`id`",
        "a;b",
        "{wildcards.run}",
        "%s",
    ),
    *("<script>", r"\input{/etc/passwd}", "1/0", "-", "results\n", "http://x y", "https://é"),
    *([], [[]], [0, 0.0], [1, "1"], [1, 1.0], ["adam", "sgd"], list(range(1000)), {}, {"": {}}),
    *({1: 2}, {None: None}, {"A": [], "beta": []}, {"tableau": "rk4"}, ("a",), {"a"}, b"a"),
    *(datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1)),
]
VALUES = st.one_of(
    st.sampled_from(ODD),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.recursive(
        st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
    ),
)


def places(value, path=()):
    """The path of everything in a configuration, but for itself."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    for key, item in value.items() if isinstance(value, dict) else ():
        yield (*path, key)
        yield from places(item, (*path, key))


@st.composite
def mutated(draw):
    """A configuration that differs from the one shipped, and the keys that are concerned."""
    config, keys = copy.deepcopy(SHIPPED), set()
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(config))))
        *parents, key = path
        parent = config
        for step in parents:
            parent = parent[step]
        value = parent[key]
        match draw(st.sampled_from(["replace", "replace", "delete", "wrap", "double", "rename"])):
            case "replace":
                parent[key] = copy.deepcopy(draw(VALUES))
            case "delete":
                del parent[key]
            case "wrap":
                parent[key] = draw(st.sampled_from([[value], {"name": value}, {str(key): value}]))
            case "double" if isinstance(parent, list):
                parent.insert(key, copy.deepcopy(value))
            case "rename" if isinstance(parent, dict):
                name = draw(st.text(max_size=10) | st.sampled_from([1, None, f"{key}s"]))
                parent[name] = parent.pop(key)
                keys.add(str(name))
        keys |= {step for step in path if isinstance(step, str)}
        if not list(places(config)):
            break
    return config, keys


def assert_usable(setup, config):
    """Check that Snakemake can plan the runs, and that one can begin."""
    for run in islice(setup.runs.values(), 40):
        assert re.fullmatch(r"[A-Za-z0-9_.+-]+(/[A-Za-z0-9_.+-]+){3}", run.path)
        assert not {".", ".."} & set(PurePosixPath(run.path).parts)
        # A log's name is a run's with a suffix.
        assert max(map(len, run.path.split("/"))) <= 250
        assert json.dumps(setup.setting(run), allow_nan=False)
        assert run_memory(run.cell) > 0
        about = setup.dataset(run.cell.dataset).about
        assert most_seconds(run.cell, about) > 0
        if run.cell.depth * run.cell.width**2 < 10_000:
            start = initial_parameters(run.cell, run.seed, about.dimension, about.classes)
            assert all(np.isfinite(array).all() for array in start.values())
    assert not PurePosixPath(setup.results).match("..")
    assert yaml.safe_load(yaml.safe_dump(resolved(config, ROOT)))


@pytest.fixture(scope="module", autouse=True)
def files_read_once():
    """The schema is always the same, and reading it takes three quarters of the time."""
    read = functools.cache(read_yaml)
    with pytest.MonkeyPatch.context() as patch:
        for module in (config, sections):
            patch.setattr(module, "read_yaml", lambda path: copy.deepcopy(read(path)))
        yield


@settings(max_examples=300)
@given(mutated())
def test_a_mutated_config_runs_or_is_refused(mutation):
    config, keys = mutation
    try:
        setup = load(config, ROOT)
    except ConfigurationError as error:
        message = str(error)
        assert re.search(r"^config(/experiments/\w+\.yaml)?: ", message, re.MULTILINE)
        assert [key for key in keys if key in message]
        assert len(message) < 50_000
    else:
        assert_usable(setup, config)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def laughs(levels):
    """What YAML's aliases say in a line each."""
    value = ["ha"] * 9
    for _ in range(levels):
        value = [value] * 9
    return value


def of_itself():
    value = []
    value.append(value)
    return value


AXES = {axis: [1 + n / 1000 for n in range(1000)] for axis in ("step_size", "tolerance")}
#: What would take all time or memory, if it were not refused, and the key that is named.
BOMBS = {
    "seeds": ({"seeds": 10**9}, "config: experiments: own"),
    "many seeds": ({"seeds": [*range(200_000)]}, "config: seeds: "),
    "layers": ({"depth": 10**12}, "config: experiments: own: depth: "),
    "depth and width": ({"depth": 10**6, "width": 128}, "config: experiments: own: depth: "),
    "product": ({**AXES, "epochs": [*range(1, 1001)]}, "config: experiments: own: "),
    "fraction": ({"networks": {"N": {"tableau": {"A": [[0]], "beta": ["1e999999999"]}}}}, "N: tab"),
    "nested": ({"networks": nested(3000)}, "config: networks: 0: 0: "),
    "laughs": ({"networks": {"N": {"tableau": {"A": laughs(20), "beta": [1]}}}}, "networks: N: "),
    "itself": ({"images": of_itself()}, "config: images: 0: 0: "),
    "digits": ({"device": 1 << 100_000}, "config: device: "),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_would_take_all_memory_is_refused(bomb):
    changes, words = BOMBS[bomb]
    experiment = {**TINY["experiments"][0], "name": "own"}
    config = {**SHIPPED, "seeds": 2, "experiments": [experiment]}
    for key, value in changes.items():
        (config if key in config else experiment)[key] = value
    with pytest.raises(ConfigurationError, match=re.escape(words)) as error:
        load(config, ROOT)
    assert len(str(error.value)) < 2000


#: Files that cannot be used, and what is said of them.
FILES = {
    "syntax": (b"seeds: [1, 2\ndevice: cpu\n", "line 2, column 7"),
    "tab": (b"seeds: 1\n\tdevice: cpu\n", "line 2, column 1"),
    "tag": (b"seeds: !!python/object/apply:os.system [exit]\n", "could not determine a construct"),
    "encoding": (b"device: caf\xe9\n", "can't decode byte 0xe9"),
    "empty": (b"", "expected a mapping"),
    "list": (b"- 1\n", "expected a mapping"),
    "nested": (b"[" * 5000, "is no YAML"),
    "deep": (b"networks: " + b"[" * 500 + b"]" * 500, "line 1: expected values at most 100 deep"),
    "key twice": (b"seeds: 1\ndevice: cpu\nseeds: 2\n", "'seeds' is in line 1 and again in line 3"),
    "key twice inside": (b"protocol:\n  {epochs: 1, epochs: 2}\n", "'epochs' is in line 2 and ag"),
    "key twice in a merge": (b"images: {<<: {cache: a, cache: b}}\n", "'cache' is in line 1"),
    "merged twice": (b"a: &a {b: 1}\nc:\n  <<: *a\n  <<: *a\n", "'<<' is in line 3 and again"),
    "key twice in JSON": (b'{\n\t"seeds": 1,\n\t"seeds": 2\n}', "line 2 and again in line 3"),
    "octal": (b"seeds: [1, 010]\n", "line 1: found 010, which YAML takes for 8"),
    "sixties": (b"protocol: {epochs: 1:30}\n", "line 1: found 1:30, which YAML takes for 90"),
    "two documents": (b"seeds: 1\n---\nseeds: 2\n", "found another document"),
    "no such date": (b"seeds: 2020-13-45\n", "month must be in 1..12"),
    "UTF-16": ("seeds: 1\n".encode("utf-16"), "can't decode byte"),
    "a list as key": (b"? [1, 2]\n: 3\n", "unhashable key"),
    "nothing but remarks": (b"# seeds: 1\n", "expected a mapping"),
    "digits": (b"seeds: " + b"9" * 5000, "4300 digits"),
    "code": (b"__use_yte__: true\nseeds: ?exit()\n", "__use_yte__"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_named(name, tmp_path, capsys):
    """By what ``make reproduce`` begins with."""
    content, words = FILES[name]
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    assert main([str(path)]) == 1
    said = capsys.readouterr().out
    assert said.startswith(str(path))
    assert words in said


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    assert main([str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml cannot be read: " in capsys.readouterr().out
    assert main([str(ROOT / "config/quick.yaml")]) == 0


@pytest.mark.parametrize("name", ["syntax", "tag", "list"])
def test_snakemake_refuses_a_file_before_any_job(finished, tmp_path, name):
    project = finished.duplicate(tmp_path / "project")
    (project.folder / "config/config.yaml").write_bytes(FILES[name][0])
    outcome = project.run("--dry-run")
    assert outcome.code == 1
    assert re.search("Config file (is not valid|must be given as) JSON or YAML", outcome.output)
    assert "Traceback" not in outcome.output
    assert not outcome.jobs
