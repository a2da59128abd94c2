"""The roots of each result's fingerprint: the rule's script, and the kinds that it uses."""

from __future__ import annotations

import hashlib
import json
from itertools import chain

from rknet.cell import Cell
from rknet.datasets import Drawable
from rknet.engines.base import ENGINES
from rknet.losses.base import LOSSES
from rknet.networks.base import Network
from rknet.optimisers.base import OPTIMISERS
from rknet.study.fingerprints import Kind
from rknet.study.known_code import digest_of


def rule_roots(script: str, *kinds: str) -> tuple[str, ...]:
    """The roots of the results that a script in ``workflow/scripts`` makes with the given kinds."""
    return (f"workflow/scripts/{script}.py", *kinds)


def run_roots(cell: Cell, network: Network) -> tuple[str, ...]:
    """The roots of a run."""
    return rule_roots("train", *chain.from_iterable(_training_kinds(cell, network)))


def run_digest(cell: Cell, network: Network) -> str:
    """A digest of the code that the present checkout would train a run with."""
    return digest_of(run_roots(cell, network))[0]


def kinds_of(cell: Cell, network: Network, dataset: Drawable) -> tuple[Kind, ...]:
    """The kinds that a cell names, for results made from its runs."""
    return (*_training_kinds(cell, network), dataset.roots)


def _training_kinds(cell: Cell, network: Network) -> tuple[Kind, ...]:
    return (
        ENGINES.roots(cell.engine),
        OPTIMISERS.roots(cell.optimiser),
        LOSSES.roots(cell.loss),
        network.roots(),
    )


def dataset_roots(dataset: Drawable) -> tuple[str, ...]:
    """The roots of the content of a dataset's files."""
    return (*dataset.roots, "rknet.datasets.npz:save")


def dataset_digest(dataset: Drawable) -> str:
    """The end of the names of a dataset's files: a digest of everything that decides their content.

    That is the code, and the user's definition and files.
    """
    about = [digest_of(dataset_roots(dataset))[0], dataset.definition]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:8]
