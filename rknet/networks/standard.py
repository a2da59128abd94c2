"""The plain feed-forward network (2.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rknet.networks.base import NETWORKS, Network, Y, only_keys


@NETWORKS.register("standard")
class Standard(Network):
    """StandardNet: y ← σ(K y + b), (2.6). Its definition is ``{"standard": {}}``."""

    swept = True

    @classmethod
    def from_definition(cls, definition: Mapping[str, Any]) -> Standard:
        """The network; there is only one."""
        only_keys(definition, "standard")
        if definition["standard"] != {}:
            raise ValueError(f"standard: expected {{}}, found {definition['standard']!r}")
        return cls()

    def definition(self) -> dict[str, Any]:
        """Plain values that `from_definition` takes."""
        return {"standard": {}}

    def step(self, f: Callable[[Y], Y], y: Y, h: float) -> Y:  # noqa: ARG002  # it has no step size
        """One layer, (2.6)."""
        return f(y)
