"""Takes text for the value that is due, as the schema of a configuration says.

Snakemake leaves the values inside of lists and mappings on the command line as text, and YAML takes
some numbers, such as 1e-3, for text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from jsonschema import Draft202012Validator

_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?", re.IGNORECASE)
_WHOLE = re.compile(r"[-+]?[0-9]+")
#: Longer numbers stay text: Python reads no whole number of thousands of digits.
_LONGEST_NUMBER = 100

#: What YAML must read for a kind that is not a number.
_KINDS: dict[str, type] = {"boolean": bool, "array": list, "object": dict}


def typed(value: Any, expected: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
    """A value in which text became what the schema expects, wherever it can.

    Parameters
    ----------
    value
        Plain values; they are not changed.
    expected : mapping
        Its schema.
    defs : mapping
        The definitions that the schema refers to.

    Returns
    -------
    The value; as it was where it is not what is expected, so that a check can say so.
    """
    expected = _resolved(expected, value, defs)
    if isinstance(value, str) and _may_be_text(expected, defs):
        return value
    found = [(typed(value, choice, defs), choice) for choice in expected.get("anyOf", [])]
    for item, choice in found:
        if Draft202012Validator({**choice, "$defs": defs}).is_valid(item):
            return item
    # If it is nothing of these, a message shows what it was taken for.
    value = next((item for item, _ in found if item != value), value)
    kind = expected.get("type")
    if isinstance(value, str) and kind not in ("string", None):
        value = _read(value, kind)
    # YAML may say 4.0 where 4 is meant.
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, Mapping) and kind == "object":
        known = expected.get("properties", {})
        # Of unknown keys the schema may still say what they hold; if it says `False`, nothing.
        others = expected.get("additionalProperties") or {}
        return {key: typed(item, known.get(key, others), defs) for key, item in value.items()}
    if isinstance(value, list) and kind == "array":
        return [typed(item, expected.get("items", {}), defs) for item in value]
    return value


def _may_be_text(expected: Mapping[str, Any], defs: Mapping[str, Any]) -> bool:
    choices = (_resolved(choice, "", defs) for choice in expected.get("anyOf", []))
    return any(choice.get("type") == "string" for choice in choices)


def _resolved(
    expected: Mapping[str, Any], value: Any, defs: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The schema, with what it refers to and what follows from its condition."""
    if "$ref" in expected:
        expected = {**defs[expected["$ref"].rpartition("/")[2]], **expected}
    if "if" in expected:
        then = Draft202012Validator(expected["if"]).is_valid(value)
        return _resolved(expected["then" if then else "else"], value, defs)
    return expected


def _read(text: str, kind: str) -> Any:
    """Text as a value of a kind; if it is none, the text."""
    if kind in ("integer", "number"):
        if not _NUMBER.fullmatch(text) or len(text) > _LONGEST_NUMBER:
            return text
        return int(text) if _WHOLE.fullmatch(text) else float(text)
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    return found if isinstance(found, _KINDS.get(kind, ())) else text
