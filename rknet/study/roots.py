"""Where the fingerprint of each result begins: the rule's script, and the kinds that it uses."""

from __future__ import annotations

import hashlib
import json

from rknet.cell import Cell
from rknet.datasets import Drawable
from rknet.engines.base import ENGINES
from rknet.losses.base import LOSSES
from rknet.networks.base import Network
from rknet.optimisers.base import OPTIMISERS
from rknet.study.fingerprints import Kind, fingerprint


def rule_roots(script: str, *kinds: str) -> tuple[str, ...]:
    """The roots of what a script of ``workflow/scripts`` makes with the given kinds."""
    return (f"workflow/scripts/{script}.py", *kinds)


def run_roots(cell: Cell, network: Network) -> tuple[str, ...]:
    """The roots of a run."""
    return rule_roots(
        "train",
        *ENGINES.roots(cell.engine),
        *OPTIMISERS.roots(cell.optimiser),
        *LOSSES.roots(cell.loss),
        *network.roots(),
    )


def kinds_of(cell: Cell, network: Network, dataset: Drawable) -> tuple[Kind, ...]:
    """The kinds that a cell names, for what is made of its runs."""
    return (
        ENGINES.roots(cell.engine),
        OPTIMISERS.roots(cell.optimiser),
        LOSSES.roots(cell.loss),
        network.roots(),
        dataset.roots,
    )


def dataset_roots(dataset: Drawable) -> tuple[str, ...]:
    """The roots of what is in a dataset's files."""
    return (*dataset.roots, "rknet.datasets.npz:save")


def dataset_digest(dataset: Drawable) -> str:
    """What the names of a dataset's files end in: a digest of all that decides what is in them.

    That is code, and what the user defines and gives.
    """
    about = [fingerprint(dataset_roots(dataset)).digest, dataset.definition]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:8]
