"""Dotted paths into answers and into schemas: `categorySelection.candidates.*.score`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def found(data: Any, path: str) -> list[tuple[str, Any]]:
    """What stands at `path`, each with its place as `$.a.b[0]`; a star is every member."""
    here = [("$", data)]
    for step in path.split("."):
        here = [below for place, value in here for below in _below(place, value, step)]
    return here


def value_at(data: Any, path: str) -> Any:
    """What stands there; None where nothing does."""
    values = found(data, path)
    return values[0][1] if values else None


def told(path: str) -> str:
    """The path as it is told where nothing stands there."""
    return f"$.{path}"


def _below(place: str, value: Any, step: str) -> Iterator[tuple[str, Any]]:
    match value:
        case dict() if step == "*":
            yield from ((f"{place}.{key}", one) for key, one in value.items())
        case dict() if step in value:
            yield f"{place}.{step}", value[step]
        case list() if step == "*":
            yield from ((f"{place}[{number}]", one) for number, one in enumerate(value))
        case list() if step.isdigit() and int(step) < len(value):
            yield f"{place}[{step}]", value[int(step)]


def narrowed(schema: Mapping[str, Any], path: str, to: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with `to` laid over what it asks at `path`, in each of its options. What is fixed already stays."""
    return _narrow(dict(schema), path.split("."), to)


def _narrow(schema: dict[str, Any], steps: list[str], to: Mapping[str, Any]) -> dict[str, Any]:
    if not steps:
        return schema if "const" in schema else _laid_over(schema, to)
    made = dict(schema)
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(made.get(key), list):
            made[key] = [_narrow(dict(one), steps, to) if isinstance(one, dict) else one for one in made[key]]
    first, rest = steps[0], steps[1:]
    if isinstance(made.get("properties"), dict):
        made["properties"] = {
            name: _narrow(dict(one), rest, to) if isinstance(one, dict) and first in (name, "*") else one
            for name, one in made["properties"].items()
        }
    if first == "*" and isinstance(made.get("items"), dict):
        made["items"] = _narrow(dict(made["items"]), rest, to)
    return made


def _laid_over(schema: dict[str, Any], to: Mapping[str, Any]) -> dict[str, Any]:
    if "enum" in to and isinstance(schema.get("enum"), list):
        return {**schema, "enum": [one for one in schema["enum"] if one in to["enum"]] or schema["enum"]}
    return {**schema, **to}
