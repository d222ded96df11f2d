"""A JSON Schema (2020-12). Decided in a child process: a schema may hold patterns, and patterns may take for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from . import blocks, child
from .result import PASS, Check, Material, Result, failed, unclear
from .words import say

FIELDS: dict[str, Any] = {
    "schema": {"type": "object"},
    "within": {"type": "number", "exclusiveMinimum": 0, "maximum": 10},
}
REQUIRED = ("schema",)
USUAL = 3.0
"""Seconds."""
DEEPEST = 64


def refusal(check: Check) -> str | None:
    """Why nobody could decide this check; None where it can be."""
    try:
        for reference in _references(check["schema"], DEEPEST):
            if not isinstance(reference, str) or not reference.startswith("#"):
                return "a schema refers to its own parts only: a $ref begins with #"
        Draft202012Validator.check_schema(check["schema"])
    except (SchemaError, RecursionError) as error:
        return f"the schema is none: {str(error).splitlines()[0]}"
    return None


def holds(check: Check, material: Material) -> Result:
    """json_schema."""
    is_there, data = blocks.json_of(material.text)
    if not is_there:
        return failed(say("no_json", material.spoken))
    within = check.get("within", USUAL)
    ran = child.work("fit", within=within, packages=True, schema=check["schema"], data=data)
    answer = ran.answer()
    if answer is None:
        said = ran.err.strip().splitlines()[-1:] or [f"{within} s"]
        return unclear(say("schema_unclear", material.spoken, said[0][:200]))
    if answer["at"] is None:
        return PASS
    return failed(say("schema", material.spoken, answer["at"], answer["wrong"]))


def _references(schema: Any, deeper: int) -> Iterator[Any]:
    if deeper == 0:
        raise RecursionError("it is too deep")
    if isinstance(schema, dict):
        yield from (schema[name] for name in ("$ref", "$dynamicRef", "$recursiveRef") if name in schema)
        for part in schema.values():
            yield from _references(part, deeper - 1)
    elif isinstance(schema, list):
        for part in schema:
            yield from _references(part, deeper - 1)
