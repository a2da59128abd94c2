"""Where the fingerprint of each result begins: the rule's script, and the kinds that it uses."""

from __future__ import annotations

from functools import cache

from rknet.cell import Cell
from rknet.datasets import IMAGES
from rknet.study.fingerprints import fingerprint

_ENGINES = {
    "compiled": "rknet.engines.compiled:CompiledEngine",
    "torch": "rknet.engines.torch_engines:AdjointEngine",
    "autograd": "rknet.engines.torch_engines:AutogradEngine",
}


def rule_roots(script: str, *kinds: str) -> tuple[str, ...]:
    """The roots of what a script of ``workflow/scripts`` makes with the given kinds."""
    return (f"workflow/scripts/{script}.py", *kinds)


def run_roots(cell: Cell) -> tuple[str, ...]:
    """The roots of a run."""
    return rule_roots("train", _ENGINES[cell.engine])


def dataset_roots(name: str) -> tuple[str, ...]:
    """The roots of what is in a dataset's files."""
    kind = "rknet.datasets.images:draw" if name in IMAGES else "rknet.datasets.points:draw"
    return (kind, "rknet.datasets:save")


@cache
def dataset_digest(name: str) -> str:
    """What the names of a dataset's files end in: a digest of what decides what is in them."""
    return fingerprint(dataset_roots(name)).digest[:8]
