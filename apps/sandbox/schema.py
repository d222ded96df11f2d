"""An instance for a JSON schema, with texts that somebody else supplies.

A value that the writer proposes is kept wherever it fits its place in the schema; the rest is made up by rule.
What comes out has been validated against the schema: if it does not fit, it is not returned.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match

from apps.sandbox import strings
from apps.sandbox.strings import Words

DEEPEST = 5
"""Below this depth only what is required is made, so that recursive schemas come to an end."""
HOPELESS = 40

NOTHING: Final = object()
"""No proposal (None is one: it proposes null)."""


class Unsatisfiable(ValueError):
    """The sandbox knows no instance of this schema."""


def fault_of(schema: dict[str, Any]) -> str | None:
    """Why this is not a JSON schema, or None."""
    return _fault_of(json.dumps(schema, sort_keys=True))


@lru_cache(maxsize=256)
def _fault_of(schema: str) -> str | None:
    # Clients send the same few schemas again and again; checking one costs more than answering it.
    try:
        Draft202012Validator.check_schema(json.loads(schema))
    except SchemaError as error:
        return error.message
    return None


def has_open_object(schema: object) -> bool:
    """Whether some object in it does not forbid additional properties, which the provider refuses."""
    if isinstance(schema, list):
        return any(has_open_object(part) for part in schema)
    if not isinstance(schema, dict):
        return False
    is_object = schema.get("type") == "object" or isinstance(schema.get("properties"), dict)
    if is_object and schema.get("additionalProperties", True) is not False:
        return True
    named = [schema[key] for key in ("properties", "$defs", "definitions") if isinstance(schema.get(key), dict)]
    plain = [value for key, value in schema.items() if key not in ("enum", "const", "default", "examples", "required")]
    return any(has_open_object(list(part.values())) for part in named) or any(
        has_open_object(part) for part in plain if part not in named
    )


def optional_property(schema: object) -> str | None:
    """A property that some object in it does not require, or None."""
    if isinstance(schema, list):
        return next((name for part in schema if (name := optional_property(part))), None)
    if not isinstance(schema, dict):
        return None
    if isinstance(schema.get("properties"), dict):
        for name in schema["properties"]:
            if name not in schema.get("required", ()):
                return str(name)
    below = [value for key, value in schema.items() if key not in ("enum", "const", "default", "examples", "required")]
    return next((name for part in below if (name := optional_property(part))), None)


def instance(schema: dict[str, Any], *, words: Words, proposal: object = NOTHING) -> Any:
    """A valid instance of `schema`; raise Unsatisfiable when none is found."""
    validator = _validator(json.dumps(schema, sort_keys=True))
    try:
        made = Maker(validator, words).make(schema, proposal, "", 0, 0)
    except RecursionError as error:
        raise Unsatisfiable("the schema is recursive without an end") from error
    if (fault := best_match(validator.iter_errors(made))) is not None:
        raise Unsatisfiable(f"{fault.json_path}: {fault.message}")
    return made


@lru_cache(maxsize=128)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema))


class Maker:
    """Walks one schema. `name` is the property's name; `number` its place in a list from 1 on, 0 outside of lists."""

    def __init__(self, validator: Draft202012Validator, words: Words) -> None:
        self._validator = validator
        self._root = validator.schema
        self._words = words

    def make(self, schema: Any, proposal: object, name: str, number: int, depth: int) -> Any:
        """A value for `schema`: the proposal where it fits, else one by rule."""
        if depth > HOPELESS:
            raise Unsatisfiable(f"`{name}` has no end")
        if not isinstance(schema, dict):
            return self._words.text(name, number) if proposal is NOTHING else proposal
        schema = self._merged(schema)
        if proposal is not NOTHING and self._fits(schema, proposal):
            return proposal
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._choice(schema, name, number)
        if "anyOf" in schema or "oneOf" in schema:
            return self._option(schema, proposal, name, number, depth)
        return self._by_type(schema, proposal, name, number, depth)

    def _by_type(self, schema: dict[str, Any], proposal: object, name: str, number: int, depth: int) -> Any:
        match _type_of(schema):
            case "object":
                return self._object(schema, proposal, number, depth)
            case "array":
                return self._array(schema, proposal, name, depth)
            case "string":
                return strings.fitting(schema, proposal, words=self._words, name=name, number=number)
            case "integer" | "number" as kind:
                return _number(schema, number, whole=kind == "integer")
            case "boolean":
                return number < 1 or number % 2 == 1
            case _:
                return None

    def _merged(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with its references and `allOf` written out, one level deep."""
        for _ in range(HOPELESS):
            if "$ref" in schema:
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                schema = _both(self._resolve(schema["$ref"]), rest)
            elif "allOf" in schema:
                merged = {key: value for key, value in schema.items() if key != "allOf"}
                for part in schema["allOf"]:
                    merged = _both(merged, self._merged(part) if isinstance(part, dict) else {})
                schema = merged
            else:
                return schema
        raise Unsatisfiable("a reference that only refers to itself")

    def _resolve(self, ref: str) -> dict[str, Any]:
        if not ref.startswith("#"):
            raise Unsatisfiable(f"reference to elsewhere: {ref}")
        found: Any = self._root
        for raw in ref.removeprefix("#").strip("/").split("/") if ref != "#" else ():
            step = raw.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or step not in found:
                raise Unsatisfiable(f"reference to nothing: {ref}")
            found = found[step]
        return found if isinstance(found, dict) else {}

    def _fits(self, schema: dict[str, Any], value: object) -> bool:
        return bool(self._validator.evolve(schema=schema).is_valid(value))

    def _choice(self, schema: dict[str, Any], name: str, number: int) -> Any:
        rest = {key: value for key, value in schema.items() if key != "enum"}
        allowed = [value for value in schema["enum"] if self._fits(rest, value)] or schema["enum"]
        if number:
            return allowed[(number - 1) % len(allowed)]
        return self._words.choose(name, allowed)

    def _option(self, schema: dict[str, Any], proposal: object, name: str, number: int, depth: int) -> Any:
        key = "anyOf" if "anyOf" in schema else "oneOf"
        rest = {part: value for part, value in schema.items() if part != key}
        options = schema[key]
        # The simplest comes first when it is getting deep, so that a tree has leaves.
        ranked = sorted(options, key=_weight) if depth > DEEPEST else sorted(options, key=_is_null)
        for option in ranked:
            merged = _both(rest, self._merged(option)) if isinstance(option, dict) else rest
            try:
                made = self.make(merged, proposal, name, number, depth + 1)
            except Unsatisfiable:
                continue
            if self._fits(schema, made):
                return made
        raise Unsatisfiable(f"no option of `{name}` fits")

    def _object(self, schema: dict[str, Any], proposal: object, number: int, depth: int) -> dict[str, Any]:
        offered = proposal if isinstance(proposal, dict) else {}
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        made = {}
        for key, part in properties.items():
            if key in required or (depth < DEEPEST and part is not False):
                made[key] = self.make(part, offered.get(key, NOTHING), key, number, depth + 1)
        more = schema.get("additionalProperties", True)
        names = [key for key in required if key not in made]
        if isinstance(more, dict) and not properties:
            names += [key for key in offered if key not in names] or [self._words.key(place) for place in (1, 2)]
        lacking = schema.get("minProperties", 0) - len(made) - len(names)
        names += [self._words.key(place + 3) for place in range(lacking)]
        for place, key in enumerate(names, start=1):
            made[key] = self.make(more, offered.get(key, NOTHING), key, place, depth + 1)
        return made

    def _array(self, schema: dict[str, Any], proposal: object, name: str, depth: int) -> list[Any]:
        offered = proposal if isinstance(proposal, list) else []
        places = schema.get("prefixItems", [])
        items = schema.get("items", {})
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        usual = len(places) if places and items is False else max(len(places), 3 if depth < DEEPEST else 0)
        count = int(min(max(len(offered) or usual, least), most))
        made: list[Any] = []
        for place in range(count):
            part = places[place] if place < len(places) else items
            value = offered[place] if place < len(offered) else NOTHING
            made.append(self.make(part, value, name, place + 1, depth + 1))
        return self._unique(made, items) if schema.get("uniqueItems") else made

    def _unique(self, values: list[Any], items: Any) -> list[Any]:
        """The values without doubles: told apart where the schema allows it, else left out."""
        kept: dict[str, Any] = {}
        for place, value in enumerate(values, start=1):
            other = f"{value} ({place})" if json.dumps(value, sort_keys=True) in kept else value
            if other is value or (isinstance(value, str) and self._fits(items, other)):
                kept[json.dumps(other, sort_keys=True)] = other
        return list(kept.values())


def _type_of(schema: dict[str, Any]) -> str:
    named = schema.get("type")
    if isinstance(named, list):
        return next((kind for kind in named if kind != "null"), "null")
    if isinstance(named, str):
        return named
    hints: dict[str, Callable[[], bool]] = {
        "object": lambda: bool({"properties", "required", "additionalProperties"} & set(schema)),
        "array": lambda: bool({"items", "prefixItems", "minItems"} & set(schema)),
        "number": lambda: bool({"minimum", "maximum", "multipleOf"} & set(schema)),
    }
    return next((kind for kind, is_meant in hints.items() if is_meant()), "string")


def _number(schema: dict[str, Any], number: int, *, whole: bool) -> int | float:
    low = schema.get("minimum", -math.inf)
    high = schema.get("maximum", math.inf)
    step = schema.get("multipleOf", 1 if whole else None)
    gap = step or min(1e-6, (schema.get("exclusiveMaximum", high) - low) / 4 if low > -math.inf else 1e-6)
    low = max(low, schema.get("exclusiveMinimum", -math.inf) + gap)
    high = min(high, schema.get("exclusiveMaximum", math.inf) - gap)
    value = min(max(number, 1, low), high)
    if step:
        value = math.ceil(round(value / step, 9)) * step
        value = value - step if value > high else value
    if whole or float(value).is_integer():
        return int(value)
    short: float = round(value, 6)
    return short if low <= short <= high else float(value)


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A schema that asks what both ask; the narrower bound wins."""
    made = {**one, **other}
    for key in ("properties", "$defs"):
        if key in one and key in other:
            made[key] = {**one[key], **other[key]}
    if "required" in one and "required" in other:
        made["required"] = list(dict.fromkeys([*one["required"], *other["required"]]))
    for key in ("minimum", "minLength", "minItems"):
        if key in one and key in other:
            made[key] = max(one[key], other[key])
    for key in ("maximum", "maxLength", "maxItems"):
        if key in one and key in other:
            made[key] = min(one[key], other[key])
    return made


def _is_null(option: object) -> bool:
    return isinstance(option, dict) and option.get("type") == "null"


def _weight(option: object) -> tuple[bool, int]:
    return not _is_null(option), len(json.dumps(option))
