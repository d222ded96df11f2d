"""What a request costs in input tokens, piece by piece, in the order in which prompts are cached: tools first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.sandbox import tokens
from apps.sandbox.files import reading

PER_REQUEST = 4
PER_MESSAGE = 3
FILES = ("image", "document", "audio")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One block of a request, and whether a prompt may be cached up to here."""

    said: object
    tokens: int
    keep: dict[str, Any] | None = None
    """Its `cache_control`."""


def of_request(body: dict[str, Any]) -> int:
    """How many input tokens a request body costs: system, messages, tools and requested format."""
    wanted = (body.get("output_config") or {}).get("format")
    return PER_REQUEST + sum(piece.tokens for piece in pieces(body)) + (tokens.count(_json(wanted)) if wanted else 0)


def pieces(body: dict[str, Any]) -> Iterator[Piece]:
    """Every block of the request, in order."""
    for tool in body.get("tools") or ():
        bare = {name: part for name, part in tool.items() if name != "cache_control"}
        yield Piece(said=bare, tokens=tokens.count(_json(bare)), keep=tool.get("cache_control"))
    yield from _content("system", body.get("system"))
    for message in body.get("messages", ()):
        yield Piece(said=message.get("role"), tokens=PER_MESSAGE)
        yield from _content("content", message.get("content"))


def _content(where: str, content: object) -> Iterator[Piece]:
    if isinstance(content, str):
        # A text by itself is the same to a cache as a list of one block with it.
        yield Piece(said=[where, {"type": "text", "text": content}], tokens=tokens.count(content))
    for block in content if isinstance(content, list) else ():
        bare = {name: part for name, part in block.items() if name not in ("cache_control", "citations")}
        yield Piece(said=[where, bare], tokens=_of_block(block), keep=block.get("cache_control"))


def _of_block(block: dict[str, Any]) -> int:
    kind = block.get("type")
    if kind in FILES:
        return reading.read(block).tokens
    match kind:
        case "text":
            return tokens.count(str(block.get("text", "")))
        case "thinking":
            return tokens.count(str(block.get("thinking", "")))
        case "tool_use":
            return tokens.count(str(block.get("name", ""))) + tokens.count(_json(block.get("input", {})))
        case "tool_result":
            return sum(piece.tokens for piece in _content("content", block.get("content")))
        case _:
            return tokens.count(_json(block))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
