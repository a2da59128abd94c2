"""All verdicts at a glance: what is counted, and what the picture shows of it."""

import itertools

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from colorspacious import cspace_convert, deltaE
from test_pages import CLAIMS, COMPARED, PUBLICATION, PUBLISHED

from rknet.show.figures.style import save, styled
from rknet.show.pages.glance import (
    BY_SECTION,
    BY_TABLE,
    COLOURS,
    at_a_glance,
    draw,
    in_words,
    latest,
    shares,
)

PRINTED = pd.read_csv(PUBLISHED)
NO_NUMBERS = PRINTED.head(0)


def counted(comparison=COMPARED, published=PRINTED, claims=CLAIMS, decisions=None):
    verdicts = latest(claims, decisions)
    return at_a_glance(comparison, published, verdicts, PUBLICATION)


def drawn(parts):
    with styled():
        picture = draw(parts)
        picture.draw_without_rendering()
    return picture


def test_every_printed_number_is_in_one_part_of_a_bar():
    """Against the file of printed numbers; Tables 1 and 2 of the preprint repeat the journal's."""
    numbers = counted()[BY_TABLE]
    assert numbers.loc["Table 1, random"].to_dict() == {
        "consistent": 1,
        "inconsistent": 1,
        "not compared": 26,
    }
    printed = PRINTED.groupby(["edition", "table"]).size()
    names = {"Table 1, random": ("journal", 1), "preprint, Table 3": ("preprint", 3)}
    names |= {f"Table {number}": ("journal", number) for number in range(2, 7)}
    assert numbers.sum(axis=1).to_dict() == {name: printed[key] for name, key in names.items()}


def test_each_lift_has_a_bar():
    both = pd.concat([COMPARED, COMPARED.assign(lift="zeros", verdict="undecided")])
    numbers = counted(both)[BY_TABLE]
    assert numbers.loc["Table 1, zeros", "undecided"] == 2
    assert numbers.loc["Table 1, zeros", "not compared"] == 26


def test_claims_are_counted_whole_by_section():
    assert counted()[BY_SECTION].to_dict("index") == {
        "Section 4.1": {"supported": 1, "undecided": 0},
        "Section 4.2": {"supported": 0, "undecided": 1},
    }
    abstract = CLAIMS.assign(section="Abstract")
    found = counted(claims=pd.concat([CLAIMS, abstract]))[BY_SECTION]
    assert list(found.index) == ["Abstract", "Section 4.1", "Section 4.2"]
    many = CLAIMS.assign(section=["4.10", "4.10", "4.9"])
    assert list(counted(claims=many)[BY_SECTION].index) == ["Section 4.9", "Section 4.10"]
    # Those without a number stay in the order in which they are given.
    outlook = CLAIMS.assign(section=["Schemes", "Schemes", "Outlook"])
    assert list(counted(claims=outlook)[BY_SECTION].index) == ["Schemes", "Outlook"]


def test_verdicts_of_looks_come_before_those_without():
    decisions = pd.DataFrame(
        {"id": ["D1", "D1", "W1"], "part": [None, "D1.1", None], "lift": ["random", "random", "–"]}
    ).assign(verdict=["futile", "supported", "go on"])
    found = counted(decisions=decisions)[BY_SECTION]
    assert found.to_dict("index") == {
        "Section 4.1": {"undecided": 1, "futile": 0},
        "Section 4.2": {"undecided": 0, "futile": 1},
    }
    # A claim that no look has been at keeps its verdict.
    assert "supported" in counted(decisions=decisions.head(2))[BY_SECTION]


def test_what_a_paper_lacks_is_left_out():
    assert list(counted(COMPARED.head(0), NO_NUMBERS)) == [BY_SECTION]
    assert list(counted(claims=CLAIMS.head(0))) == [BY_TABLE]
    parts = counted(COMPARED.head(0), NO_NUMBERS, CLAIMS.head(0))
    assert parts == {}
    (said,) = drawn(parts).texts
    assert said.get_text() == in_words(parts) == "There is no printed number and no claim to judge."


def test_nothing_compared_is_grey():
    numbers = counted(COMPARED.head(0))[BY_TABLE]
    assert list(numbers) == ["not compared"]
    assert "Table 1" in numbers.index


def texts(axes):
    """By bar, the numbers in it from left to right, each with its verdict."""
    names = [label.get_text() for label in axes.get_yticklabels()]
    found = {name: {} for name in names}
    for text in axes.texts:
        found[names[round(text.get_position()[1])]][text.get_gid()] = int(text.get_text())
    return found


def test_picture_and_words_have_all_counts():
    parts = counted()
    picture = drawn(parts)
    words = in_words(parts)
    for axes, (heading, counts) in zip(picture.axes, parts.items(), strict=True):
        assert axes.get_title(loc="left") == heading
        for name, row in counts.iterrows():
            shown = {verdict: count for verdict, count in row.items() if count}
            assert texts(axes)[name] == shown
            said = ", ".join(f"{count} {verdict}" for verdict, count in shown.items())
            assert f"{name}: {said}" in words
    legend = [text.get_text() for text in picture.legends[0].get_texts()]
    assert legend == ["consistent, supported", "inconsistent", "undecided", "not compared"]


def test_nothing_is_cut_off_and_no_number_leaves_its_part():
    many = COMPARED.assign(table=4, dataset=["donut_2d_2c", "donut_2d_3c"], depth=100)
    picture = drawn(counted(pd.concat([COMPARED, many])))
    inside = picture.bbox
    for axes in picture.axes:
        box = axes.get_tightbbox()
        assert box.x0 >= 0
        assert box.x1 <= inside.x1
        for bar, text in zip(axes.patches, axes.texts, strict=True):
            number, part = text.get_window_extent(), bar.get_window_extent()
            assert part.x0 <= number.x0
            assert number.x1 <= part.x1


@pytest.mark.parametrize("counts", [[35, 1, 0], [1, 1, 500], [3], [100, 1, 1, 1], [2, 2]])
def test_shares_fill_the_bar_and_have_room_for_their_numbers(counts):
    found = shares(counts)
    assert found.sum() == pytest.approx(1)
    shown = [(share, count) for share, count in zip(found, counts, strict=True) if count]
    assert all(share >= 0.02 + 0.04 * len(str(count)) - 1e-12 for share, count in shown)
    assert all(share == 0 for share, count in zip(found, counts, strict=True) if not count)
    if min(counts) * 10 > sum(counts):
        assert found.tolist() == pytest.approx((np.array(counts) / sum(counts)).tolist())


@pytest.mark.parametrize("sight", [None, "deuteranomaly", "protanomaly", "tritanomaly"])
def test_everyone_can_tell_the_verdicts_apart(sight):
    rgb = [mpl.colors.to_rgb(colour) for colour in dict.fromkeys(COLOURS.values())]
    if sight:
        space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
        rgb = np.clip(cspace_convert(np.array(rgb), space, "sRGB1"), 0, 1)
    pairs = itertools.combinations(rgb, 2)
    assert min(deltaE(a, b, input_space="sRGB1") for a, b in pairs) > 15


def test_numbers_can_be_read_on_their_colours():
    """A contrast of 4.5, as WCAG asks for; its relative luminance from Matplotlib's own colours."""
    parts = {BY_TABLE: pd.DataFrame([dict.fromkeys(COLOURS, 2)], index=["all"])}
    (axes,) = drawn(parts).axes
    for bar, text in zip(axes.patches, axes.texts, strict=True):
        both = [
            cspace_convert(mpl.colors.to_rgb(colour), "sRGB1", "XYZ1")[1]
            for colour in (bar.get_facecolor(), text.get_color())
        ]
        assert (max(both) + 0.05) / (min(both) + 0.05) >= 4.5


def test_the_same_verdicts_give_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        save(drawn(counted()), tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "other.png").read_bytes()
