"""The facts about a publication that runs are compared with: editions, rounding and protocol.

They are plain values and light to import, because planning passes them to the jobs.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Publication:
    """The facts about a publication that numbers and claims are judged by.

    Attributes
    ----------
    editions : mapping
        By name, what the headings of its tables and figures end with. The first one is the
        edition by whose numbers tables and figures are known.
    repetitions : int
        How many runs are behind each printed number.
    rounding : mapping
        By metric, half a unit of the last digit printed.
    protocol : mapping
        Values of axes that every run of the publication has.
    departures : tuple of mappings
        Where it departs from that: ``where`` has axes with a value or a list of values, the other
        keys are axes with the value that such runs have instead.
    compared_as : tuple of mappings
        Where a table prints another metric than it says: ``edition``, ``table``, ``metric`` and
        the metric that it is ``compared_as``.
    stuck : tuple of mappings
        Axes with values, of cells whose runs may get stuck: their means are no normal ones.
    lifts : mapping
        By lift, what it is, for headings. Of two, the first is what the numbers seem to be made
        with, the second what the text describes.
    level : float
        Of prediction intervals.
    asked_again : mapping
        From the id of a claim that asks another one's question of other data to that one's id.
    asked_again_in_words : str
        Which claims these are, within a sentence.
    """

    editions: Mapping[str, str]
    repetitions: int
    rounding: Mapping[str, float]
    protocol: Mapping[str, Any] = field(default_factory=dict)
    departures: tuple[Mapping[str, Any], ...] = ()
    compared_as: tuple[Mapping[str, Any], ...] = ()
    stuck: tuple[Mapping[str, Any], ...] = ()
    lifts: Mapping[str, str] = field(default_factory=dict)
    level: float = 0.95
    asked_again: Mapping[str, str] = field(default_factory=dict)
    asked_again_in_words: str = ""

    def to_mapping(self) -> dict[str, Any]:
        """The same as plain values, which make it again."""
        return asdict(self)

    def metric_printed(self, edition: str, table: int, metric: str) -> str:
        """What a table prints where it says `metric`."""
        for entry in self.compared_as:
            if (entry["edition"], entry["table"], entry["metric"]) == (edition, table, metric):
                return str(entry["compared_as"])
        return metric

    def may_stick(self, cell: Mapping[str, Any]) -> bool:
        """Whether runs of a cell may get stuck."""
        return any(
            all(cell[axis] in _listed(values) for axis, values in where.items())
            for where in self.stuck
        )

    def expected(self, cell: Mapping[str, Any]) -> dict[str, Any]:
        """The values that the protocol gives the axes of a cell."""
        found = dict(self.protocol)
        for departure in self.departures:
            where = departure["where"].items()
            if all(cell[axis] in _listed(values) for axis, values in where):
                found |= {axis: value for axis, value in departure.items() if axis != "where"}
        return found

    def departing(self, cell: Mapping[str, Any], named: Container[str] = ()) -> Iterator[str]:
        """What is otherwise in a cell than the protocol says, in words.

        Parameters
        ----------
        cell : mapping
            All axes.
        named : container of str, optional
            Axes that are meant to be otherwise.
        """
        for axis, value in self.expected(cell).items():
            if axis not in named and cell[axis] != value:
                yield f"{axis.replace('_', ' ')} {cell[axis]:{_form(value)}} for {value}"


def _form(value: object) -> str:
    return "g" if isinstance(value, float) else ""


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


def printed_by(editions: int) -> str:
    """Who prints numbers, as the subject of a sentence: ``the two editions print``."""
    if editions < 2:
        return "the paper prints"
    words = {2: "two", 3: "three", 4: "four"}
    return f"the {words.get(editions, editions)} editions print"
