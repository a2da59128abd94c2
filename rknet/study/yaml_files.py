"""Reads YAML, and refuses what a reader would drop or change in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

#: What YAML 1.1 takes for a whole number, but not for the one that it looks like: 010 is 8 there,
#: and 1:30 is 90.
_OTHER_NUMBER = re.compile(r"[-+]?(0[0-9_]+|[0-9][0-9_]*(:[0-5]?[0-9])+)\Z")

#: How many problems a message lists.
_MOST_PROBLEMS = 10

#: Deeper files are a mistake; Python could not follow them.
_DEEPEST = 100


class YamlError(ValueError):
    """A file is no YAML, or says something twice; the message has the place in it."""


def read_yaml(path: str | Path) -> Any:
    """What a YAML file holds, as plain values.

    Raises
    ------
    OSError
        If it cannot be read.
    YamlError
        If it is no YAML in UTF-8, has a key twice, or a number that YAML takes for another one.
    """
    content = Path(path).read_bytes()
    try:
        text = content.decode("utf-8")
        # Both loaders are safe: they make plain values.
        loader = Loader(text.replace("\t", " ") if _is_json(text) else text)
        try:
            node = loader.get_single_node()
            problems = sorted(_problems(node)) if node else []
            found = loader.construct_document(node) if node and not problems else None
        finally:
            loader.dispose()
    # YAML's own errors, errors of encoding, invalid numbers, and endless nesting.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlError(f"this is no YAML: {error}") from error
    if problems:
        raise YamlError("; ".join(problem for _, problem in problems[:_MOST_PROBLEMS]))
    return found


def _is_json(text: str) -> bool:
    """Whether it is JSON, which is YAML but for tabs between values."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _problems(root: yaml.Node) -> Iterator[tuple[int, str]]:
    """What a reader drops or changes in silence, after its line."""
    seen, waiting = set(), [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        # An alias is the same node again.
        if id(node) in seen:
            continue
        seen.add(id(node))
        if depth > _DEEPEST:
            yield _line(node), f"line {_line(node)}: expected values at most {_DEEPEST} deep"
            return
        if isinstance(node, yaml.MappingNode):
            yield from _repeated(node)
            waiting += [(inner, depth + 1) for pair in node.value for inner in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(inner, depth + 1) for inner in node.value]
        elif node.tag.endswith(":int") and _OTHER_NUMBER.match(node.value):
            read = yaml.safe_load(node.value)
            yield (
                _line(node),
                f"line {_line(node)}: found {node.value}, which YAML takes for {read}; write it "
                "otherwise, or in quotes if it is text",
            )


def _repeated(node: yaml.MappingNode) -> Iterator[tuple[int, str]]:
    """The keys that are in a mapping again, of which the first would be dropped."""
    lines: dict[tuple[str, str], int] = {}
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            found = key.tag, key.value
            if found in lines:
                yield (
                    _line(key),
                    f"the key {key.value!r} is in line {lines[found]} and again in line "
                    f"{_line(key)}; expected it once",
                )
            lines[found] = _line(key)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
