"""A paper's files: what is wrong in them is refused, with file and key."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from rknet.show.entries import PaperError
from rknet.show.paper import load_paper
from rknet.study.publication import Publication, printed_by

TOY = Path(__file__).parents[1] / "paper/toy"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(TOY, tmp_path / "toy")
    return tmp_path / "toy"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"titel": "T"}, "unknown key 'titel'.*did you mean 'title'"),
        ({"title": None}, "the key 'title' is missing"),
        ({"repetitions": None}, "the key 'repetitions' is missing"),
        ({"repetitions": "two"}, "repetitions: found 'two'; expected a whole number"),
        ({"editions": ["first"]}, "editions: found .*expected a mapping"),
        ({"level": "high"}, "level: found 'high'; expected a number"),
        ({"lifts": {"zero": ""}}, "lifts: unknown lift 'zero'.*did you mean 'zeros'"),
        ({"modules": {"claim": "claims"}}, "modules: unknown purpose 'claim'"),
        ({"modules": {"claims": "nope"}}, r"modules: claims: there is no nope\.py beside it"),
        ({"claims": {"curve": []}}, "claims: unknown key 'curve'.*did you mean 'curves'"),
        ({"sections": [{"number": "1"}]}, "sections: 1: the key 'title' is missing"),
        ({"sections": ["one"]}, "sections: 1: expected a mapping, found 'one'"),
        ({"animated": ["figure1"]}, "animated: unknown figure 'figure1'"),
    ],
)
def test_a_wrong_key_is_refused(folder, change, words):
    file = folder / "paper.yaml"
    found = yaml.safe_load(file.read_text()) | change
    file.write_text(yaml.safe_dump({key: v for key, v in found.items() if v is not None}))
    with pytest.raises(PaperError, match=rf"{re.escape(str(file))}: {words}"):
        load_paper(str(folder))


def test_a_file_that_is_no_yaml_is_named(folder):
    for text in ("a: [", "- a", "\x00"):
        (folder / "tables.yaml").write_text(text)
        with pytest.raises(PaperError, match=r"tables\.yaml"):
            load_paper(str(folder))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no/such", "there is no paper in no/such: it is not a folder"),
        ("rknet.papers", "there is no paper rknet.papers: no package has this name"),
        ("rknet.cell", "there is no paper rknet.cell"),
        ("", "there is no paper"),
    ],
)
def test_a_paper_that_is_not_there(name, words):
    with pytest.raises(PaperError, match=re.escape(words)):
        load_paper(name)


def test_a_publication_is_the_same_from_plain_values():
    publication = load_paper().publication
    assert Publication(**publication.to_mapping()) == publication


def test_what_a_run_departs_in_is_said_once_an_axis():
    publication = load_paper().publication
    cell = {**publication.protocol, "dataset": "mnist", "tolerance": 0.05}
    assert list(publication.departing(cell)) == ["tolerance 0.05 for 0.1"]
    assert list(publication.departing({**cell, "epochs": 3}, named={"epochs", "tolerance"})) == []


def test_who_prints():
    assert [printed_by(n) for n in (1, 2, 5)] == [
        "the paper prints", "the two editions print", "the 5 editions print",
    ]  # fmt: skip
