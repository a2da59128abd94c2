"""Data of the user's in a configuration: what a run's setting says of it, and what is refused."""

import copy
import hashlib
import json
from pathlib import Path

import pytest
import yaml

from rknet.study.config import ConfigurationError, load

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
EXPERIMENT = {"name": "mine", "network": "RK4Net", "width": 4, "depth": 1, "seeds": 1}
TABLE = {"file": "t.csv", "label": "class", "training": 4, "validation": 2}
ROWS = "a,b,class\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n2,3,y\n"
CODE = (
    "def draw(rng, samples):\n    return rng.random((samples, 3)), rng.integers(2, size=samples)\n"
)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(ROWS)
    Path("cloud.py").write_text(CODE)


def setup(*names, width=4, axes=(), **datasets):
    experiment = {**EXPERIMENT, "dataset": list(names), "width": width, **dict(axes)}
    changes = {"experiments": [experiment], "optional_experiments": [], "datasets": datasets}
    return load({**copy.deepcopy(CONFIG), **changes}, ROOT)


def test_own_data_says_its_numbers_of_samples_itself():
    with pytest.raises(ConfigurationError) as error:
        setup("flat", flat=TABLE, axes={"training_samples": 2})
    assert "mine: training_samples: flat has its numbers of samples under datasets" in str(
        error.value
    )
    # The same number twice is no contradiction.
    assert setup("flat", flat=TABLE, axes={"training_samples": TABLE["training"]})


def test_a_setting_has_the_definition_and_the_content_of_the_file():
    found = setup("flat", "cloud", "spiral", flat=TABLE, cloud={"module": "cloud.py"})
    settings = {run.cell.dataset: found.setting(run) for run in found.runs.values()}
    digest = hashlib.sha256(ROWS.encode()).hexdigest()
    assert settings["flat"]["dataset_definition"] == {
        **TABLE, "features": [], "standardise": False, "sha256": digest,
    }  # fmt: skip
    assert settings["cloud"]["dataset_definition"]["module"] == "cloud.py"
    assert "dataset_definition" not in settings["spiral"]
    assert all(json.loads(json.dumps(setting)) == setting for setting in settings.values())
    assert [found.dataset(name).about.dimension for name in settings] == [2, 3, 2]


REFUSED = {
    "width": ({"cloud": {"module": "cloud.py"}}, "found 2; cloud has 3 input dimensions"),
    "name": ({"Flat": TABLE}, "a name of small letters"),
    "taken": ({"spiral": TABLE}, "config: datasets: spiral: there is a dataset of this name"),
    "key": ({"flat": {**TABLE, "lable": "c"}}, "flat: unknown key 'lable'; allowed are features"),
    "both": (
        {"flat": {**TABLE, "module": "cloud.py"}},
        "expected one of the keys file and module, not both",
    ),
    "missing": (
        {"flat": {"file": "t.csv", "training": 1}},
        "the key 'validation' is missing",
    ),
    "neither": ({"flat": {"training": 1, "validation": 1}}, "flat: the key 'file' is missing"),
    "text": ({"flat": "t.csv"}, "datasets: flat: found 't.csv'; expected a mapping with the key"),
    "samples": ({"flat": {**TABLE, "training": 0}}, "flat: training: found 0; expected a whole"),
    "names": ({"cloud": {"module": "cloud.py", "class_names": ["a", "a"]}}, "cloud: class_names: "),
    "options": (
        {"cloud": {"module": "cloud.py", "options": [1]}},
        "options: found [1]; expect",
    ),
    "no file": ({"flat": {**TABLE, "file": "u.csv"}}, "flat: u.csv: there is no such file"),
    "bad file": ({"flat": {**TABLE, "features": "c"}}, "flat: t.csv has no column 'c'"),
    "bad code": ({"cloud": {"module": "t.csv"}}, "datasets: cloud: t.csv, line 1: SyntaxError: "),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_mistake_is_refused_before_any_job(what):
    datasets, message = REFUSED[what]
    with pytest.raises(ConfigurationError) as error:
        setup(*datasets, width=2, **datasets)
    assert message in str(error.value)


def test_numbers_of_samples_may_have_a_point():
    found = setup("flat", flat={**TABLE, "training": 4.0, "validation": 2.0})
    assert found.dataset("flat").definition == setup("flat", flat=TABLE).dataset("flat").definition
    assert [len(split.labels) for split in found.dataset("flat").draw(0)] == [4, 2]


def test_an_unknown_name_is_told_of_ones_own():
    with pytest.raises(ConfigurationError, match=r"'flatt'; there are .*, and your own flat \(add"):
        setup("flatt", flat=TABLE)
