"""Text is taken for the number, list or mapping that is due, and for nothing else."""

import copy

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from project import ROOT
from snakemake.cli import parse_config
from snakemake.utils import update_config

from rknet.study.config import ConfigurationError, in_types, load

CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
EXPERIMENT = "{name: mine, dataset: spiral, network: RK4Net, width: 4, depth: [1, 2], seeds: 2}"


def given_on_the_command_line(*entries):
    """The configuration as Snakemake gives it, for entries of ``--config``."""
    config = {**copy.deepcopy(CONFIG), "optional_experiments": []}
    update_config(config, parse_config(entries))
    return config


#: Entries of ``--config``, and what they mean in a file.
ENTRIES = {
    "seeds=3": "seeds: 3",
    "seeds=[0, 1, 5]": "seeds: [0, 1, 5]",
    "seeds=[+1, 10]": "seeds: [1, 10]",
    "protocol={epochs: 3}": "protocol: {epochs: 3}",
    "protocol={epochs: 3, step_size: 1e-2, lift: zeros, engine: torch}": (
        "protocol: {epochs: 3, step_size: 0.01, lift: zeros, engine: torch}"
    ),
    "experiments=[depth, width]": "experiments: [depth, width]",
    f"experiments=[{EXPERIMENT}]": f"experiments: [{EXPERIMENT}]",
    "experiments=[{name: a, variants: [{depth: [1, 2], width: 3}], seeds: [4]}]": (
        "experiments: [{name: a, variants: [{depth: [1, 2], width: 3}], seeds: [4]}]"
    ),
    "optional_experiments=[]": "optional_experiments: []",
    "datasets={m: {file: m.csv, training: 60, validation: 40, standardise: true}}": (
        "datasets: {m: {file: m.csv, training: 60, validation: 40, standardise: true}}"
    ),
    "datasets={m: {module: m.py, training: 60, class_names: [1, 2]}}": (
        "datasets: {m: {module: m.py, training: 60, class_names: ['1', '2']}}"
    ),
    "images={mnist: {folders: [/data/1]}}": "images: {mnist: {folders: [/data/1]}}",
    "device=cuda:1": "device: cuda:1",
    "optional=so_far": "optional: so_far",
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_means_what_it_means_in_a_file(entry):
    written = {**copy.deepcopy(CONFIG), "optional_experiments": []}
    update_config(written, yaml.safe_load(ENTRIES[entry]))
    found = in_types(given_on_the_command_line(entry))
    assert found == in_types(written) == written
    assert repr(found) == repr(written)


def test_runs_of_the_command_line_are_those_of_a_file():
    entries = (f"experiments=[{EXPERIMENT}]", "seeds=[3, 5]")
    found = load(given_on_the_command_line(*entries), ROOT)
    written = yaml.safe_load(f"{{experiments: [{EXPERIMENT}], seeds: [3, 5]}}")
    wanted = load({**CONFIG, "optional_experiments": [], **written}, ROOT)
    assert found.runs.keys() == wanted.runs.keys()
    assert len(found.runs) == 4


#: What is refused, and words of the message.
REFUSED = {
    "seeds=many": ["seeds: found 'many'", "a number of repetitions"],
    "seeds=[0, x]": ["seeds: found", "'x'", "list of different seeds"],
    "seeds=[1, 1]": ["seeds: found [1, 1]", "different"],
    "seeds=[1.5]": ["seeds: found [1.5]"],
    "seeds=[-1]": ["seeds: found [-1]", "none negative"],
    "seeds=": ["seeds: found None"],
    "protocol=3": ["protocol: found 3", "settings of every experiment"],
    "protocol={epochs: three}": ["protocol: epochs: found 'three'", "a whole number"],
    "protocol={epochs: 0}": ["protocol: epochs: found 0", "at least 1"],
    "protocol={epochs: 1e99999}": ["protocol: epochs: found inf"],
    "protocol={step_size: 1e99999}": ["protocol: step_size: found inf"],
    "protocol={step_size: nan}": ["protocol: step_size: found 'nan'"],
    "protocol={epochs: }": ["protocol: epochs: found ''"],
    "protocol={epoch: 3}": ["protocol: unknown key 'epoch'", "did you mean 'epochs'"],
    "experiments=depth": ["experiments: found 'depth'", "a list", "such as [depth]"],
    "experiments=[{name: a, width: wide, seeds: 1}]": ["a: width: found 'wide'"],
    "networks={}{": ["networks: found '{}{'", "networks of your own"],
    f"protocol={{epochs: {'9' * 5000}}}": ["protocol: epochs: found '999"],
}


@pytest.mark.parametrize("entry", REFUSED, ids=lambda entry: entry[:40])
def test_what_makes_no_sense_is_named(entry):
    with pytest.raises(ConfigurationError) as error:
        load(given_on_the_command_line(entry), ROOT)
    for words in REFUSED[entry]:
        assert words in str(error.value)
    assert len(str(error.value)) < 2000


@given(st.integers(1, 10**9))
def test_whole_numbers(number):
    assert in_types({**CONFIG, "seeds": str(number)})["seeds"] == number


@given(st.floats(1e-30, 1e30, allow_nan=False))
def test_numbers(number):
    found = in_types({**CONFIG, "protocol": {"step_size": repr(number)}})
    assert found["protocol"]["step_size"] == number


@pytest.mark.parametrize("text", ["1_000", "0x10", "1:30", "١", "²", "1 000", "1,5", "", "True"])
def test_what_looks_like_a_number_to_some_is_text(text):
    assert in_types({**CONFIG, "seeds": text})["seeds"] == text


def test_text_stays_text():
    found = in_types({**CONFIG, "results": "10", "paper": "[1]", "device": "1"})
    assert (found["results"], found["paper"], found["device"]) == ("10", "[1]", "1")


def test_nothing_is_changed_in_place():
    config = given_on_the_command_line("seeds=[0, 1]")
    in_types(config)
    assert config["seeds"] == ["0", "1"]
