"""Published files, of images and of recordings: how they are found and read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The config's keys of the places where files are looked for.
_KEYS = ("images", "recordings")


def places(config: Mapping[str, Any]) -> dict[str, Any]:
    """The places of all published files that a config names, as `sources.fetch` takes them."""
    return {name: place for key in _KEYS for name, place in config.get(key, {}).items()}
