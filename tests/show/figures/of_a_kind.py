"""A figure of any kind, as no paper has it."""

from rknet.show.figures.figure import Figure


def of_a_kind(kind: str, **options: object) -> Figure:
    return Figure(
        name="small", edition="journal", edition_in_words="", number=0, kind=kind,
        source="nothing", caption="", options=options,
    )  # fmt: skip
