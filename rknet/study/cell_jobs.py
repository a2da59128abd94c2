"""Jobs that train several seeds of a cell, one after another in one process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement, groupby


def seed_ranges(finished: Mapping[int, bool], parts: bool = False) -> list[tuple[int, ...]]:
    """The seeds of a cell that one job each trains: those to train that follow one another.

    Parameters
    ----------
    finished : mapping of int to bool
        By seed, whether its run is finished.
    parts : bool, optional
        Give all jobs that there may be for the cell, whatever was finished when they were planned;
        none if all its runs are finished.
    """
    if not parts:
        return _stretches([seed for seed in finished if not finished[seed]])
    if all(finished.values()):
        return []
    return [
        stretch[first : last + 1]
        for stretch in _stretches(list(finished))
        for first, last in combinations_with_replacement(range(len(stretch)), 2)
    ]


def rule_name(seeds: Sequence[int]) -> str:
    """The name of the rule that trains these seeds, such as ``train_seeds_0_to_3``."""
    return "train_" + seeds_in_words(seeds).replace(" ", "_")


def seeds_in_words(seeds: Sequence[int]) -> str:
    """Seeds that follow one another, such as “seeds 0 to 3”."""
    first, last = seeds[0], seeds[-1]
    return f"seed {first}" if first == last else f"seeds {first} to {last}"


def _stretches(seeds: Sequence[int]) -> list[tuple[int, ...]]:
    """The seeds in order, cut where one is left out."""
    numbered = enumerate(sorted(seeds))
    return [
        tuple(seed for _, seed in stretch)
        for _, stretch in groupby(numbered, key=lambda item: item[1] - item[0])
    ]
