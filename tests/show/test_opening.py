"""The report's opening text: the verdict in short, what to know first, and the picture."""

from base64 import b64decode

import pandas as pd
import pytest
from docutils.core import publish_doctree
from docutils.nodes import image, list_item, reference
from test_pages import CLAIMS, COMPARED, FINDINGS, PAPER, PUBLICATION, PUBLISHED, TAKEN

from rknet.show.pages.glance import latest
from rknet.show.pages.opening import in_short, opening, picture, to_know_first

#: Where the report's own text puts the links.
PLACES = "".join(
    f"\n\n.. _{name}: http://{name[-5:]}"
    for name in ("all numbers", "all claims", "errors in the publications")
)
NO_FITS = pd.DataFrame(columns=["edition", "table", "lift", "p_value"])
NOTHING = COMPARED.head(0)
PRINTED = pd.read_csv(PUBLISHED)


def read(text):
    """As docutils reads it; a warning of it fails the test."""
    return publish_doctree(text + PLACES, settings_overrides={"halt_level": 2})


def lines(comparison=NOTHING, findings=FINDINGS, claims=CLAIMS, fits=NO_FITS):
    """The lines to know first: the text, and the page it links to."""
    verdicts = latest(claims, None)
    text = to_know_first(comparison, PRINTED, findings, verdicts, fits, PUBLICATION)
    items = list(read(text).findall(list_item)) if text else []
    return [
        (item.astext().replace("\n", " "), next(item.findall(reference))["refuri"])
        for item in items
    ]


def judged(**verdicts):
    """The claims with other verdicts, by id."""
    pairs = zip(CLAIMS["id"], CLAIMS["verdict"], strict=True)
    return CLAIMS.assign(verdict=[verdicts.get(name, verdict) for name, verdict in pairs])


def test_nothing_compared_is_said():
    short = in_short(NOTHING, pd.read_csv(PUBLISHED), CLAIMS, PUBLICATION)
    assert "None of the 232" in short
    assert "2 are tested" in short
    assert "The claims" not in in_short(NOTHING, PRINTED, CLAIMS.head(0), PUBLICATION)


def test_the_verdict_in_short():
    short = in_short(COMPARED, pd.read_csv(PUBLISHED), CLAIMS, PUBLICATION)
    assert "2 of the 232 that the two editions print are compared" in short
    assert "with lift random, 1 of 2 are consistent with the runs (2 after adjustment" in short
    assert "after adjustment for their number) (1 inconsistent)." in short
    assert "with lift random 1 undecided; without a lift 1 supported" in short
    assert "One run alone" not in short
    open_one = COMPARED.assign(verdict=["consistent", "undecided"])
    short = in_short(open_one, pd.read_csv(PUBLISHED), CLAIMS, PUBLICATION)
    assert "after adjustment for their number) (1 undecided). One run alone decides" in short


def test_the_opening_says_what_is_reproduced():
    text = opening(PAPER.about, COMPARED, pd.read_csv(PUBLISHED), CLAIMS, PUBLICATION)
    title, line, *_ = text.splitlines()
    assert title == "Runge–Kutta networks with feature space augmentation, reproduced"
    assert line == "=" * len(title)
    assert "Giesecke and Kröner, *Classification with" in text
    assert "95 % prediction interval for 4 fresh repetitions. The text describes padding" in text
    given = PAPER.about, COMPARED, pd.read_csv(PUBLISHED), CLAIMS, PUBLICATION
    assert "archive" not in text
    of_archive = opening(*given, TAKEN)
    (paragraph,) = [part for part in of_archive.split("\n\n") if "archive" in part]
    assert of_archive.replace(f"{paragraph}\n\n", "") == text
    shown = publish_doctree(paragraph, settings_overrides={"halt_level": 1})
    assert shown.astext() == f"The runs. {TAKEN}"


def test_the_picture_comes_right_below_the_title():
    given = PAPER.about, COMPARED, pd.read_csv(PUBLISHED), CLAIMS, PUBLICATION
    png = bytes(range(256)) * 100
    above = picture(png, "Table 1: 2 *of* 3_.")
    text = opening(*given, above=above)
    assert text.replace(above, "").replace("\n\n\n", "\n\n") == opening(*given)
    document = read(text)
    _, found, *_ = document.children
    assert isinstance(found, image)
    assert found["alt"] == "Table 1: 2 *of* 3_."
    head, _, data = found["uri"].partition(",")
    assert head == "data:image/png;base64"
    assert b64decode(data) == png


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (
            judged(),
            "No claim is contradicted; counting each lift, 1 is supported and 1 undecided.",
        ),
        (
            judged(D1="not run"),
            "No claim is contradicted; counting each lift, 1 is supported and 1 not run.",
        ),
        # The same claim on other data is no other claim.
        (
            pd.concat([CLAIMS.tail(1).assign(id=name) for name in ("I1", "I1d")]).assign(
                verdict="contradicted", lift="–", statement="All is well."
            ),
            "1 claim is contradicted, the first: “All is well.”",
        ),
        (
            judged(D1="supported"),
            "No claim is contradicted; counting each lift, 2 are supported.",
        ),
        (
            judged(D1="contradicted"),
            "1 claim is contradicted, the first with lift random: “All is well.”",
        ),
        # Sections in their order, the abstract before the numbers; W1 has no lift.
        (
            judged(D1="contradicted", W1="contradicted"),
            "2 claims are contradicted, the first: “Wider is better.”",
        ),
        (
            judged(D1="contradicted", W1="contradicted").assign(
                section=CLAIMS["section"].astype(str).replace("4.2", "Abstract"), lift="zeros"
            ),
            "2 claims are contradicted, the first with lift zeros: “All is well.”",
        ),
    ],
)
def test_contradicted_claims_come_first(claims, said):
    assert lines(COMPARED, claims=claims)[0] == (said, "http://laims")


def test_a_long_sentence_is_cut():
    long = judged(D1="contradicted").assign(statement="A *word* " * 100)
    ((said, _),) = lines(claims=long)
    assert said.endswith(" A *word* A …”")
    assert len(said) < 230


def test_the_table_with_the_largest_share_of_inconsistent_numbers():
    one = COMPARED.assign(table=[1, 2])
    assert lines(one, claims=judged(W1="undecided")) == [
        (
            "Table 2 has the largest share of inconsistent numbers: 1 of 1 that are compared, with "
            "lift random.",
            "http://mbers",
        )
    ]
    # Of equal shares, that of more numbers.
    both = COMPARED.assign(verdict="inconsistent", edition="preprint", table=3)
    (said, _), *_ = lines(pd.concat([one, both]), claims=judged(W1="undecided"))
    assert said.startswith("Preprint, Table 3 has the largest share of inconsistent numbers: 2 of")
    # Of as many, the one that was printed first.
    later = one.assign(edition="preprint", table=[4, 3])
    (said, _), *_ = lines(pd.concat([later, one]), claims=judged(W1="undecided"))
    assert said.startswith("Table 2 has the largest share of inconsistent numbers: 1 of 1")
    # A table that an earlier edition has printed already is left out, as in the picture.
    repeated = COMPARED.assign(verdict="inconsistent", edition="preprint", table=1)
    assert lines(repeated, claims=judged(W1="undecided")) == []


def test_that_no_number_is_inconsistent_is_said_if_one_is_consistent():
    quiet = judged(W1="undecided")
    ((said, _),) = lines(COMPARED.assign(verdict="consistent"), claims=quiet)
    assert said == "No printed number that is compared is inconsistent."
    ((said, _),) = lines(COMPARED.assign(verdict=["consistent", "undecided"]), claims=quiet)
    assert said == "No printed number that is compared is inconsistent; 1 is undecided."
    assert lines(COMPARED.assign(verdict="undecided"), claims=quiet) == []


def test_a_table_that_does_not_fit_as_a_whole_even_for_one_of_so_many():
    fits = pd.DataFrame(
        {"edition": "journal", "table": [1, 2], "lift": ["random", "zeros"], "p_value": [0.5, 0.02]}
    )
    quiet = judged(W1="undecided")
    assert lines(claims=quiet, fits=fits) == [
        (
            "1 table does not fit as a whole, of 2 with their lifts and p below 0.025: least Table "
            "2 with lift zeros (p = 0.020).",
            "http://mbers",
        )
    ]
    both = fits.assign(p_value=[0.011, 0.01])
    assert lines(claims=quiet, fits=both)[0][0].startswith("2 tables do not fit as a whole")
    sure = fits.assign(p_value=[0.5, 1e-5])
    assert "(p <0.001)" in lines(claims=quiet, fits=sure)[0][0]
    # One of three tables has such a probability by chance more often.
    third = pd.concat([fits, fits.head(1)])
    assert lines(claims=quiet, fits=third) == []
    assert lines(claims=quiet, fits=fits.assign(p_value=float("nan"))) == []


def test_errata_that_hold_are_named():
    quiet = judged(W1="undecided")
    assert lines(claims=quiet) == []
    two = pd.concat([FINDINGS, FINDINGS.assign(id="a_b*")]).assign(holds="yes")
    assert lines(claims=quiet, findings=two) == [("2 errata hold: lift and a_b*.", "http://tions")]
    one = two.head(1)
    assert lines(claims=quiet, findings=one)[0][0] == "1 erratum holds: lift."


def test_lifts_are_compared_where_they_differ():
    both = pd.concat([COMPARED, COMPARED.assign(lift="zeros", reproduced=[10, 90], std=0.1)])
    *_, (said, place) = lines(both)
    assert said == (
        "Where the two lifts differ, 1 of 2 published means are consistent with the random one "
        "and 1 with zeros."
    )
    assert place == "http://mbers"


def test_at_most_five_lines():
    both = pd.concat([COMPARED, COMPARED.assign(lift="zeros", reproduced=[10, 90], std=0.1)])
    fits = NO_FITS.assign(edition=["journal"], table=1, lift="random", p_value=0.001)
    found = lines(both, FINDINGS.assign(holds="yes"), judged(D1="contradicted"), fits)
    assert len(found) == 5


def test_a_study_without_decided_statements_has_nothing_to_know_first():
    undecided = latest(judged(W1="undecided"), None)
    assert to_know_first(NOTHING, PRINTED, FINDINGS.head(0), undecided, NO_FITS, PUBLICATION) == ""
