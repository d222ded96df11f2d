"""Bounds that a client's SDK has moved into a description, as `{minItems: 2, maxItems: 4}`: read as a model would.

A provider takes no bounds in a requested schema, and the official client writes them where the model sees them. Pure.
"""

from __future__ import annotations

import re
from typing import Any

BOUNDS = ("minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength")
HINT = re.compile(r"\{((?:\w+: -?[0-9.]+)(?:, \w+: -?[0-9.]+)*)\}\s*\Z")


def heeded(schema: Any) -> Any:
    """The schema with the bounds that its descriptions name."""
    if isinstance(schema, list):
        return [heeded(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    said = schema.get("description")
    named = _bounds(said) if isinstance(said, str) else {}
    return {**named, **{key: value if key in ("enum", "const") else heeded(value) for key, value in schema.items()}}


def _bounds(description: str) -> dict[str, Any]:
    found = HINT.search(description)
    pairs = [pair.split(": ") for pair in found[1].split(", ")] if found else []
    return {name: _number(value) for name, value in pairs if name in BOUNDS}


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
