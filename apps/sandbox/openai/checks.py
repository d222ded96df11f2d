"""What is refused of any request: unknown fields, wrong types, bad tools and schemas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apps.sandbox import schema
from apps.sandbox.openai import models
from apps.sandbox.problem import Problem, invalid

NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
WORDS: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a decimal",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
}
SAMPLING = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}

Kinds = type | tuple[type, ...]


def missing(param: str) -> Problem:
    """The refusal of what is not there."""
    return invalid(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")


def unsupported(value: object, supported: Sequence[str], *, param: str) -> Problem:
    """The refusal of a word that is none of those that can stand there."""
    told = [f"'{one}'" for one in supported]
    listed = ", ".join(told[:-1]) + f", and {told[-1]}" if len(told) > 1 else told[0]
    message = f"Invalid value: '{value}'. Supported values are: {listed}."
    return invalid(message, param=param, code="invalid_value")


def check_fields(body: object, fields: Mapping[str, Kinds], *, required: tuple[str, ...]) -> dict[str, Any]:
    """The body as an object whose fields are known and of their types. null stands for what is left out."""
    if not isinstance(body, dict):
        raise invalid("Invalid type for request body: expected an object.", code="invalid_type")
    for name in required:
        if body.get(name) is None:
            raise missing(name)
    for name, value in body.items():
        if name not in fields:
            raise invalid(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
        check_type(name, value, fields[name])
    return {name: value for name, value in body.items() if value is not None}


def check_type(name: str, value: object, kinds: Kinds) -> None:
    """Refuse a value that is not of one of these types."""
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    if value is None or (isinstance(value, bool) and bool in wanted):
        return
    fits = isinstance(value, wanted) or (float in wanted and isinstance(value, int))
    if not fits or isinstance(value, bool):
        told = " or ".join(WORDS[kind] for kind in wanted)
        got = WORDS.get(type(value), "something else")
        raise invalid(
            f"Invalid type for '{name}': expected {told}, but got {got} instead.", param=name, code="invalid_type"
        )


def check_sampling(body: dict[str, Any]) -> None:
    """Models that think first take no sampling parameters but the usual ones."""
    if not models.reasons(body["model"]):
        return
    for name, usual in SAMPLING.items():
        if body.get(name, usual) != usual:
            message = (
                f"Unsupported value: '{name}' does not support {body[name]} with this model. "
                f"Only the default ({usual}) value is supported."
            )
            raise invalid(message, param=name, code="unsupported_value")


def check_function(at: str, function: object) -> str:
    """The name of a function that can be offered as a tool."""
    if not isinstance(function, dict) or not function.get("name"):
        raise missing(f"{at}.name")
    name = str(function["name"])
    if not NAME.match(name):
        message = (
            f"Invalid '{at}.name': string does not match pattern. "
            "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
        )
        raise invalid(message, param=f"{at}.name", code="invalid_value")
    shape = function.get("parameters")
    if shape is not None:
        if not isinstance(shape, dict) or shape.get("type") != "object":
            message = f"Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"'."
            raise invalid(message, param=f"{at}.parameters", code="invalid_function_parameters")
        check_schema(shape, told=f"function '{name}'", param=f"{at}.parameters", strict=function.get("strict") is True)
    return name


def check_schema(shape: object, *, told: str, param: str, strict: bool) -> None:
    """Refuse what is no JSON schema; with `strict`, also what leaves anything open."""
    if not isinstance(shape, dict):
        raise missing(param)
    if why := schema.fault_of(shape):
        raise invalid(f"Invalid schema for {told}: {why}", param=param, code="invalid_function_parameters")
    if strict and schema.has_open_object(shape):
        why = "In context=(), 'additionalProperties' is required to be supplied and to be false."
        message = f"Invalid schema for {told}: {why}"
        raise invalid(message, param=param, code="invalid_json_schema")
    if strict and (optional := schema.optional_property(shape)):
        message = (
            f"Invalid schema for {told}: In context=(), 'required' is required to be supplied and to be an array "
            f"including every key in properties. Missing '{optional}'."
        )
        raise invalid(message, param=param, code="invalid_json_schema")


def check_kind(shape: dict[str, Any], *, param: str) -> None:
    """Refuse a form of answer that there is not."""
    kinds = ("text", "json_object", "json_schema")
    if shape.get("type") not in kinds:
        raise unsupported(shape.get("type"), kinds, param=f"{param}.type")


def check_wanted(shape: object, *, param: str) -> None:
    """Refuse a schema for the answer that has no name, or cannot be followed."""
    if not isinstance(shape, dict) or not shape.get("name"):
        raise missing(f"{param}.name")
    strict = shape.get("strict") is True
    told = f"response_format '{shape['name']}'"
    check_schema(shape.get("schema"), told=told, param=f"{param}.schema", strict=strict)


def check_choice(choice: object, names: list[str], *, param: str = "tool_choice") -> None:
    """Refuse a choice of tool that cannot be made."""
    if choice is None:
        return
    if not names:
        raise invalid(
            f"Invalid value for '{param}': '{param}' is only allowed when 'tools' are specified.", param=param
        )
    if isinstance(choice, str):
        if choice not in ("none", "auto", "required"):
            raise unsupported(choice, ("none", "auto", "required"), param=param)
        return
    wanted = chosen(choice)
    if wanted not in names:
        raise invalid(
            f"Invalid value for '{param}': no function named '{wanted}' was specified in 'tools'.", param=param
        )


def chosen(choice: object) -> str | None:
    """The function that a choice names, in either API."""
    if not isinstance(choice, dict):
        return None
    function = choice.get("function")
    return str((function if isinstance(function, dict) else choice).get("name"))


def neutral_choice(choice: object, *, parallel: bool) -> dict[str, Any]:
    """A choice of tool as the rest of the sandbox knows it."""
    kinds: dict[object, str] = {"none": "none", "auto": "auto", "required": "any"}
    named = chosen(choice)
    made = {"type": "tool", "name": named} if named else {"type": kinds.get(choice or "auto", "auto")}
    return made | ({} if parallel else {"disable_parallel_tool_use": True})


def unprocessable(message: str, *, param: str) -> Problem:
    """A refusal of a file, a picture or a sound that cannot be read."""
    return Problem(status=400, message=message, type="invalid_request_error", param=param, code="invalid_value")
