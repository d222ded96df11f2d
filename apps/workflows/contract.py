"""The contract of a stage: what its answer must be, what of it depends on the moment, and what breaks it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from . import paths
from .errors import DefinitionInvalid

DEEPEST = 24
PARTS = 2_000
MEANS = ("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref")
NEVER = ("pattern", "patternProperties", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor")
"""A pattern may take for ever, and a schema that names others is looked for elsewhere."""
INSIDE = ("properties", "$defs", "definitions")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
ONE = ("items", "additionalProperties", "not", "contains")
NOWHERE: Registry[Any] = Registry()


@dataclass(frozen=True, kw_only=True)
class Broken:
    """Where an answer breaks its contract, and how."""

    path: str
    reason: str


def check(schema: Mapping[str, Any], *, at: str = "/contract") -> None:
    """Raise DefinitionInvalid, with a pointer, for a contract that no answer could be held to."""
    if not schema:
        raise DefinitionInvalid("A stage that asks a model has a contract", pointer=at)
    for number, (place, part, deeper) in enumerate(_parts(schema, at, 0)):
        if deeper > DEEPEST or number > PARTS:
            raise DefinitionInvalid("The contract is too deep or too large", pointer=at)
        if strange := next((name for name in NEVER if name in part), None):
            raise DefinitionInvalid(f"A contract has no {strange}", pointer=f"{place}/{strange}")
        if "$ref" in part and not _leads_somewhere(schema, part["$ref"]):
            raise DefinitionInvalid("A $ref names a part of its own contract: #/…", pointer=f"{place}/$ref")
        if not any(name in part for name in MEANS):
            raise DefinitionInvalid("Every part of a contract says its type", pointer=place)
        if part.get("type") == "object" and part.get("additionalProperties") is not False:
            raise DefinitionInvalid("An object says additionalProperties: false", pointer=place)
    try:
        Draft202012Validator.check_schema(schema)
        next(Draft202012Validator(schema, registry=NOWHERE).iter_errors({}), None)
    except (SchemaError, Unresolvable, RecursionError) as error:
        raise DefinitionInvalid(f"The contract is no schema: {str(error).splitlines()[0][:200]}", pointer=at) from None


def of_moment(
    schema: Mapping[str, Any],
    rules: Sequence[Mapping[str, Any]],
    *,
    fixed: Mapping[str, Any],
    steps: Sequence[str],
    known: Mapping[str, Collection[str]],
) -> dict[str, Any]:
    """The contract as it is asked for now: what is to be echoed, where it may lead, what the knowledge names."""
    asked = dict(schema)
    for name, value in fixed.items():
        asked = paths.narrowed(asked, name, {"const": value})
    asked = paths.narrowed(asked, "nextStep", {"enum": list(steps)})
    for rule in rules:
        names = sorted(known.get(rule.get("among") or "", ()))
        if rule["rule"] == "known" and names:
            asked = paths.narrowed(asked, rule["path"], {"enum": names})
    return asked


def first_break(
    asked: Mapping[str, Any],
    rules: Sequence[Mapping[str, Any]],
    data: Any,
    *,
    known: Mapping[str, Collection[str]],
) -> Broken | None:
    """What is wrong with an answer first; None where it keeps the contract."""
    wrong = best_match(Draft202012Validator(asked, registry=NOWHERE).iter_errors(data))
    if wrong is not None:
        return Broken(path=wrong.json_path, reason=wrong.message[:300])
    for rule in rules:
        if broken := _RULES[rule["rule"]](rule, data, known):
            return broken
    return None


def _counts(rule: Mapping[str, Any], data: Any, known: Mapping[str, Collection[str]]) -> Broken | None:
    many = paths.value_at(data, rule["of"] or "")
    said = paths.value_at(data, rule["path"])
    if (said is None and many is None) or (isinstance(many, list) and said == len(many)):
        return None
    counted = len(many) if isinstance(many, list) else 0
    return Broken(path=paths.told(rule["path"]), reason=f"{said} is said, and {rule['of']} holds {counted}")


def _some_at_least(rule: Mapping[str, Any], data: Any, known: Mapping[str, Collection[str]]) -> Broken | None:
    numbers = [value for _, value in paths.found(data, rule["path"]) if isinstance(value, int | float)]
    if any(value >= (rule["value"] or 0) for value in numbers):
        return None
    return Broken(path=paths.told(rule["path"]), reason=f"none of them is at least {rule['value']}")


def _two_decimals(rule: Mapping[str, Any], data: Any, known: Mapping[str, Collection[str]]) -> Broken | None:
    for place, value in paths.found(data, rule["path"]):
        if isinstance(value, float) and round(value, 2) != value:
            return Broken(path=place, reason=f"{value} has more than two decimals")
    return None


def _known(rule: Mapping[str, Any], data: Any, known: Mapping[str, Collection[str]]) -> Broken | None:
    names = known.get(rule["among"] or "", ())
    for place, value in paths.found(data, rule["path"]):
        if value is not None and value not in names:
            return Broken(path=place, reason=f"{str(value)[:80]!r} is none of the {rule['among']} that are known")
    return None


_RULES = {"counts": _counts, "some_at_least": _some_at_least, "two_decimals": _two_decimals, "known": _known}


def _leads_somewhere(schema: Any, ref: Any) -> bool:
    if not isinstance(ref, str) or not ref.startswith("#/"):
        return False
    here = schema
    for step in ref.removeprefix("#/").split("/"):
        here = here.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(here, Mapping) else None
    return isinstance(here, Mapping)


def _parts(schema: Any, at: str, deeper: int) -> Iterator[tuple[str, Mapping[str, Any], int]]:
    if deeper > DEEPEST + 1 or not isinstance(schema, Mapping):
        return
    yield at, schema, deeper
    for key in INSIDE:
        for name, part in schema.get(key, {}).items() if isinstance(schema.get(key), Mapping) else ():
            yield from _parts(part, f"{at}/{key}/{name}", deeper + 1)
    for key in LISTS:
        for number, part in enumerate(schema.get(key, ())) if isinstance(schema.get(key), list) else ():
            yield from _parts(part, f"{at}/{key}/{number}", deeper + 1)
    for key in ONE:
        yield from _parts(schema.get(key), f"{at}/{key}", deeper + 1)
