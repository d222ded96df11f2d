"""From a Python function to the schema of its input, and from an input to what is wrong with it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from referencing import Registry
from referencing.exceptions import Unresolvable

from .base import Where

LARGEST_SCHEMA = 50_000
LARGEST_INPUT = 200_000
NOWHERE: Registry[Any] = Registry()
"""Where a `$ref` is looked for: in the schema itself. The default would ask the address that it names."""


def input_of(function: Callable[..., Any]) -> tuple[type[BaseModel], str | None]:
    """The model of a function's parameters, and the name of the one that takes Where, if any. Raise ValueError."""
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    where = None
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise ValueError(f"{function.__qualname__}: a tool's parameters have names")
        if name not in hints:
            raise ValueError(f"{function.__qualname__}: {name} has no type")
        if hints[name] is Where:
            where = name
        else:
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[name] = (_described(hints[name]), default)
    made: type[BaseModel] = create_model(function.__name__, __config__=ConfigDict(extra="forbid"), **fields)
    return made, where


def _described(hint: Any) -> Any:
    """Annotated[str, "what it is"]: the words are the description."""
    if get_origin(hint) is not Annotated:
        return hint
    inner, *told = get_args(hint)
    notes = [Field(description=note) if isinstance(note, str) else note for note in told]
    return Annotated[(inner, *notes)]


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Its JSON Schema, without the titles that nobody needs."""
    schema: dict[str, Any] = _untitled(model.model_json_schema())
    schema.setdefault("properties", {})
    return schema


def _untitled(value: Any, *, names: bool = False) -> Any:
    if isinstance(value, dict):
        kept = value if names else {name: one for name, one in value.items() if name != "title"}
        return {name: _untitled(one, names=name in ("properties", "$defs") and not names) for name, one in kept.items()}
    return [_untitled(one) for one in value] if isinstance(value, list) else value


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raise ValueError for a schema that cannot be used."""
    if len(json.dumps(schema)) > LARGEST_SCHEMA:
        raise ValueError(f"The schema is larger than {LARGEST_SCHEMA} bytes")
    try:
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError) as error:
        raise ValueError(f"The schema is none: {str(error)[:200]}") from None


def what_is_wrong(schema: Mapping[str, Any], input: Mapping[str, Any]) -> str | None:
    """A sentence for the model, or None: the input fits."""
    try:
        written = json.dumps(input, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        return "it is no JSON that can be written down"
    if len(written) > LARGEST_INPUT or b"\\u0000" in written:
        return f"it is larger than {LARGEST_INPUT} bytes, or has a NUL in it"
    try:
        wrong = best_match(Draft202012Validator(schema, registry=NOWHERE).iter_errors(input))
    except (Unresolvable, RecursionError):
        return "the tool's own schema cannot be used"
    return None if wrong is None else f"at {wrong.json_path}: {wrong.message[:300]}"


def bound(model: type[BaseModel], input: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call, with their types; raise ValueError with a sentence for the model."""
    try:
        made = model.model_validate(dict(input))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"at $.{place}: {first['msg']}") from None
    return {name: getattr(made, name) for name in type(made).model_fields}
