"""Scripted words that repeat what tools have answered: `{{result}}`, `{{results.0}}`, `{{results.0.files.1}}`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

PLACE = re.compile(r"\{\{\s*result(?:s\.(?P<number>-?\d+))?(?P<path>(?:\.[\w-]+)*)\s*\}\}")


def fill(value: Any, results: Sequence[str]) -> Any:
    """`value` with every place in its texts filled in; a place that leads nowhere becomes empty."""
    match value:
        case str():
            return PLACE.sub(lambda place: _found(place, results), value) if "{{" in value else value
        case list():
            return [fill(one, results) for one in value]
        case dict():
            return {name: fill(one, results) for name, one in value.items()}
        case _:
            return value


def _found(place: re.Match[str], results: Sequence[str]) -> str:
    number = int(place["number"] or -1)
    if not -len(results) <= number < len(results):
        return ""
    found: Any = results[number]
    for key in place["path"].split(".")[1:]:
        found = _part(found, key)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _part(whole: Any, key: str) -> Any:
    if isinstance(whole, str):
        try:
            whole = json.loads(whole)
        except ValueError:
            return ""
    if isinstance(whole, dict):
        return whole.get(key, "")
    if isinstance(whole, list) and key.isdigit() and int(key) < len(whole):
        return whole[int(key)]
    return ""
