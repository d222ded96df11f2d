"""JSON that has these keys, and something at these dotted paths. Pure."""

from __future__ import annotations

from typing import Any

from . import blocks
from .result import PASS, Check, Material, Result, failed
from .words import say

_NAMES = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": 200},
    "maxItems": 100,
    "uniqueItems": True,
}
FIELDS: dict[str, Any] = {"required_keys": _NAMES, "required_paths": _NAMES}
REQUIRED = ()


def holds(check: Check, material: Material) -> Result:
    """json. Without names it only has to be JSON; a path names keys and places in lists: `services.0.name`."""
    is_there, data = blocks.json_of(material.text)
    if not is_there:
        return failed(say("no_json", material.spoken))
    for key in check.get("required_keys", ()):
        if not isinstance(data, dict) or key not in data:
            return failed(say("no_path", material.spoken, key))
    for path in check.get("required_paths", ()):
        if not _leads_somewhere(data, path.split(".")):
            return failed(say("no_path", material.spoken, path))
    return PASS


def _leads_somewhere(data: Any, steps: list[str]) -> bool:
    for step in steps:
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isascii() and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return False
    return True
