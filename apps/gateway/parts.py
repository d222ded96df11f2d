"""Parts of messages, tools and formats, as both of OpenAI's APIs have them. Pure but for looking at pictures."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from django.conf import settings
from jsonschema import Draft202012Validator
from referencing.exceptions import Unresolvable

from agents.attachments import looking
from agents.checks import schema as checked
from agents.providers.messages import Block, Document, Image, Text, ToolOffer, ToolUse

from .errors import Invalid, Unsupported
from .questions import MOST_TOOLS, plain

DATA_URL = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w=-]+)*;base64,(?P<data>[A-Za-z0-9+/=\s]*)")
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
NO_INPUT: dict[str, Any] = {"type": "object", "properties": {}}
ONE_OBJECT = "Answer with one JSON object and nothing else."
WORDS = ("text", "input_text", "output_text", "refusal")


def text(value: Any, at: str) -> str:
    """A string at this place."""
    if not isinstance(value, str):
        raise Invalid("This is a string.", pointer=at)
    return value


def mapping(value: Any, at: str) -> dict[str, Any]:
    """An object at this place."""
    if not isinstance(value, dict):
        raise Invalid("This is an object.", pointer=at)
    return value


def listing(value: Any, at: str) -> list[Any]:
    """An array at this place."""
    if not isinstance(value, list):
        raise Invalid("This is an array.", pointer=at)
    return value


def words(content: Any, at: str) -> str:
    """Content that can be nothing but words."""
    if isinstance(content, str) or content is None:
        return content or ""
    said = []
    for place, part in enumerate(listing(content, at)):
        here = f"{at}/{place}"
        kind = mapping(part, here).get("type")
        if kind not in WORDS:
            raise Invalid("Only text may stand here.", pointer=f"{here}/type")
        name = "refusal" if kind == "refusal" else "text"
        said.append(text(part.get(name), f"{here}/{name}"))
    return "".join(said)


def blocks(content: Any, at: str) -> tuple[Block, ...]:
    """Content that a user sends: words, pictures, documents."""
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    made = [_block(mapping(part, f"{at}/{place}"), f"{at}/{place}") for place, part in enumerate(listing(content, at))]
    kept = tuple(block for block in made if not (isinstance(block, Text) and not block.text.strip()))
    if not kept:
        raise Invalid("Something must be said.", pointer=at)
    return kept


def _block(part: dict[str, Any], at: str) -> Block:
    match part.get("type"):
        case "text" | "input_text" | "output_text":
            return Text(text=text(part.get("text"), f"{at}/text"))
        case "image_url":
            return _file(text(mapping(part.get("image_url"), f"{at}/image_url").get("url"), f"{at}/image_url/url"), at)
        case "input_image":
            return _file(text(part.get("image_url"), f"{at}/image_url"), at)
        case "file":
            file = mapping(part.get("file"), f"{at}/file")
            return _file(text(file.get("file_data"), f"{at}/file/file_data"), at, name=str(file.get("filename") or ""))
        case "input_file":
            return _file(text(part.get("file_data"), f"{at}/file_data"), at, name=str(part.get("filename") or ""))
        case kind:
            raise Unsupported(f"A part of the type {str(kind)[:40]!r} is not taken here.", pointer=f"{at}/type")


def _file(url: str, at: str, *, name: str = "") -> Block:
    """A file in the address itself. Addresses elsewhere are not fetched for a stranger."""
    found = DATA_URL.fullmatch(url)
    if found is None:
        raise Unsupported("Send files as data URLs: data:<type>;base64,…", pointer=at)
    try:
        data = base64.b64decode("".join(found["data"].split()), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("This is not base64.", pointer=at) from None
    seen = looking.look(data, said=found["type"] or "", at_most=settings.NEXUS_ATTACHMENT_BYTES)
    kept = base64.b64encode(seen.data).decode()
    if seen.kind == "image":
        return Image(media_type=seen.media_type, data=kept)
    if seen.kind == "document":
        return Document(media_type=seen.media_type, name=name[:200] or "document", data=kept)
    raise Unsupported("Sound is not taken here.", pointer=at)


def tool_use(id: Any, name: Any, arguments: Any, at: str) -> ToolUse:
    """A tool that a model asked for before. Arguments that are no object are told as they were."""
    given = text(arguments, f"{at}/arguments")
    try:
        read = json.loads(given or "{}")
    except (ValueError, RecursionError):
        read = None
    wrong = "" if isinstance(read, dict) else given
    return ToolUse(
        id=text(id, f"{at}/id"), name=text(name, f"{at}/name"), input=read if isinstance(read, dict) else {},
        malformed=wrong,
    )  # fmt: skip


def tools(told: Any, at: str, *, flat: bool) -> tuple[ToolOffer, ...]:
    """Functions that the model may ask for. `flat` as Responses has them, nested as Chat Completions has them."""
    listed = listing(told if told is not None else [], at)
    if len(listed) > MOST_TOOLS:
        raise Invalid(f"There are at most {MOST_TOOLS} tools.", pointer=at)
    made = [_tool(mapping(one, f"{at}/{place}"), f"{at}/{place}", flat=flat) for place, one in enumerate(listed)]
    if len({tool.name for tool in made}) < len(made):
        raise Invalid("Two tools have the same name.", pointer=at)
    return tuple(made)


def _tool(one: dict[str, Any], at: str, *, flat: bool) -> ToolOffer:
    if one.get("type") != "function":
        raise Unsupported("Only functions are taken as tools.", pointer=f"{at}/type")
    told = one if flat else mapping(one.get("function"), f"{at}/function")
    place = at if flat else f"{at}/function"
    name = text(told.get("name"), f"{place}/name")
    if not NAME.fullmatch(name):
        raise Invalid("A name is 1 to 64 of A-Z a-z 0-9 _ -.", pointer=f"{place}/name")
    schema = plain(told.get("parameters") or NO_INPUT)
    if mapping(schema, f"{place}/parameters").get("type", "object") != "object":
        raise Invalid("The parameters of a function are an object.", pointer=f"{place}/parameters")
    return ToolOffer(name=name, description=str(told.get("description") or name), schema={"type": "object", **schema})


def choice(told: Any, offered: tuple[ToolOffer, ...], at: str) -> tuple[str, tuple[ToolOffer, ...]]:
    """Which tool must be asked for, and which are offered: none where none may be."""
    match told:
        case None | "auto":
            return "", offered
        case "none":
            return "", ()
        case "required":
            name = "required"
        case {"type": "function", "function": {"name": str(name)}} | {"type": "function", "name": str(name)}:
            pass
        case _:
            raise Unsupported("This choice of tools is not offered.", pointer=at)
    if not offered or (name != "required" and name not in {tool.name for tool in offered}):
        raise Invalid("There is no such tool.", pointer=at)
    return name, offered


def answer_format(told: Any, at: str, *, flat: bool) -> tuple[dict[str, Any] | None, str]:
    """The schema of the answer, or an instruction in its place. `flat`: a schema stands beside its type."""
    if told is None:
        return None, ""
    match mapping(told, at).get("type"):
        case "text":
            return None, ""
        case "json_object":
            return None, ONE_OBJECT
        case "json_schema":
            return (schema_of(told, at) if flat else schema_of(told.get("json_schema"), f"{at}/json_schema")), ""
        case _:
            raise Unsupported("This format is not offered.", pointer=f"{at}/type")


def schema_of(told: Any, at: str) -> dict[str, Any]:
    """The schema of a `json_schema` format."""
    schema = plain(mapping(told, at).get("schema"))
    if mapping(schema, f"{at}/schema").get("type") != "object":
        raise Invalid("The schema of an answer is of an object.", pointer=f"{at}/schema")
    if why := checked.refusal({"schema": schema}) or _takes_for_ever(schema):
        raise Invalid(f"Not as a schema: {why[:300]}", pointer=f"{at}/schema")
    return dict(schema)


def _takes_for_ever(schema: dict[str, Any]) -> str | None:
    """Why a worker that holds an answer to this schema might not come back from it."""
    if _has_patterns(schema):
        return "patterns are not offered"
    try:
        Draft202012Validator(schema).is_valid({})
    except (RecursionError, Unresolvable) as error:
        return f"its references lead nowhere ({type(error).__name__})"
    return None


def _has_patterns(schema: Any) -> bool:
    if isinstance(schema, list):
        return any(map(_has_patterns, schema))
    if not isinstance(schema, dict):
        return False
    # A property may be called so too: then it is described by an object.
    return isinstance(schema.get("pattern"), str) or "patternProperties" in schema or _has_patterns([*schema.values()])
