"""What both of OpenAI's formats share: pictures, files, tools, schemas and counts. Pure."""

from __future__ import annotations

import base64
from typing import Any

from agents.providers.messages import Block, Document, Image, Text, ToolOffer, ToolResult
from billing.prices import Usage

OBJECTS = ("properties", "$defs", "definitions")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")


def chat_part(block: Block) -> dict[str, Any]:
    """A block of ours in a Chat Completions message."""
    match block:
        case Image():
            return {"type": "image_url", "image_url": {"url": data_url(block)}}
        case Document(media_type="application/pdf"):
            return {"type": "file", "file": {"filename": block.name, "file_data": data_url(block)}}
        case Document():
            return {"type": "text", "text": readable(block)}
        case Text():
            return {"type": "text", "text": block.text}
        case _:
            raise TypeError(f"a {block.kind} block does not stand in a turn of the user")


def responses_part(block: Block) -> dict[str, Any]:
    """A block of ours in a Responses message."""
    match block:
        case Image():
            return {"type": "input_image", "image_url": data_url(block), "detail": "auto"}
        case Document(media_type="application/pdf"):
            return {"type": "input_file", "filename": block.name, "file_data": data_url(block)}
        case Document():
            return {"type": "input_text", "text": readable(block)}
        case Text():
            return {"type": "input_text", "text": block.text}
        case _:
            raise TypeError(f"a {block.kind} block does not stand in a turn of the user")


def data_url(block: Image | Document) -> str:
    """Its bytes, in the address itself."""
    return f"data:{block.media_type};base64,{block.data}"


def readable(document: Document) -> str:
    """A text file as words, under its name."""
    return f"{document.name}:\n{base64.b64decode(document.data).decode('utf-8', 'replace')}"


def result(block: ToolResult) -> str:
    """What became of a tool. This wire has no mark for failure, so it is said."""
    return f"Error: {block.text}" if block.is_error else block.text


def function(tool: ToolOffer) -> dict[str, Any]:
    """A tool as it is offered. Not strict: a tool's schema may leave things out that a strict one must say."""
    return {"name": tool.name, "description": tool.description, "parameters": tool.schema, "strict": False}


def choice(wanted: str, *, nested: bool) -> str | dict[str, Any]:
    """The tool that must be asked for: any of them, or the one of this name."""
    if wanted == "required":
        return wanted
    return {"type": "function", "function": {"name": wanted}} if nested else {"type": "function", "name": wanted}


def shape(schema: dict[str, Any]) -> dict[str, Any]:
    """The form of an answer; held to strictly where the schema is of the kind that can be."""
    return {"name": "answer", "schema": schema, "strict": is_strict(schema)}


def is_strict(schema: Any) -> bool:
    """Whether every object in it says that it has exactly these properties, and all of them."""
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or properties is not None:
        closed = schema.get("additionalProperties") is False
        if not closed or set(schema.get("required", ())) != set(properties or ()):
            return False
    inner = [one for name in OBJECTS for one in (schema.get(name) or {}).values()]
    inner += [one for name in LISTS for one in schema.get(name) or ()]
    return all(map(is_strict, [*inner, schema.get("items")]))


def counted(reported: object, *, of_prompt: str, of_output: str) -> Usage | None:
    """The counts as ours, which do not overlap. None when one is not a count, or a part is more than its whole."""
    details = getattr(reported, f"{of_prompt}_details", None)
    counts: list[Any] = [getattr(reported, name, None) for name in (of_prompt, of_output)]
    counts += [getattr(details, name, None) or 0 for name in ("cached_tokens", "cache_write_tokens")]
    if not all(isinstance(count, int) and not isinstance(count, bool) and count >= 0 for count in counts):
        return None
    whole, said, read, written = counts
    if read + written > whole:
        return None
    return Usage(input_tokens=whole - read - written, output_tokens=said, cache_read=read, cache_write_5m=written)
