"""How many tokens a request may cost, with its pictures, documents and tools: never too small, and a fair guess. Pure.

A picture's tokens follow from its pixels and not from its bytes, and every provider scales pictures down to a size of
its own before it counts. So a bound needs no look at the picture: it is what the largest one that is left may cost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents import tokens
from agents.providers import pdf
from agents.providers.messages import Block, Document, Image, Sound, Text, Thinking, ToolResult, ToolUse

if TYPE_CHECKING:
    from agents.providers.base import ProviderRequest

PER_BLOCK = 32
"""What a provider writes around a turn, a block or a tool: roles, marks, ids of its own."""
TOOLS = 1024
"""What it adds by itself to say how tools are used."""
LIKELY_IMAGE = 1600
LIKELY_PAGE = 2500
SOUND = 50
"""Tokens of a second of sound, at most, where a provider counts those; ten to twenty are usual."""
LIKELY_SOUND = 17


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What a provider counts at most for what is not text."""

    image: int
    page: int
    """One page of a document: its picture and its words."""
    window: int
    """The longest prompt any of its models takes; more is refused, and costs nothing."""
    caches_by_itself: bool = False
    """Whether it writes to its cache unasked, and may charge for that."""


def at_most(request: ProviderRequest, sizes: Sizes) -> int:
    """More input tokens than the request can be."""
    media = sum(_media_at_most(block, sizes) for block in _blocks(request))
    around = PER_BLOCK * (len(request.turns) + len(_blocks(request)) + len(request.tools))
    return tokens.at_most(*texts(request)) + media + around + (TOOLS if request.tools else 0)


def likely(request: ProviderRequest) -> int:
    """About how many input tokens the request is."""
    return tokens.likely(*texts(request)) + sum(_media_likely(block) for block in _blocks(request))


def heard_ms(request: ProviderRequest) -> int:
    """Milliseconds of a recording that the request brings along, at most."""
    return sum(block.seconds * 1000 for block in _blocks(request) if isinstance(block, Sound))


def texts(request: ProviderRequest) -> tuple[str, ...]:
    """Every text of a request that is counted as input."""
    return tuple(_texts(request))


def _texts(request: ProviderRequest) -> Iterator[str]:
    yield request.system
    for block in _blocks(request):
        yield from _words(block)
    for tool in request.tools:
        yield tool.name + tool.description + _json(tool.schema)
    if request.schema:
        yield _json(request.schema)


def _words(block: Block) -> tuple[str, ...]:
    match block:
        case Text(text=text) | ToolResult(text=text):
            return (text,)
        case Thinking():
            # What was thought may be longer than what of it is shown; the seal holds all of it.
            return (block.text, block.signature, block.redacted)
        case ToolUse():
            return (block.id, block.name, _json(block.input))
        case Image() | Document() | Sound():
            return ()


def _blocks(request: ProviderRequest) -> list[Block]:
    return [block for turn in request.turns for block in turn.blocks]


def _media_at_most(block: Block, sizes: Sizes) -> int:
    match block:
        case Image():
            return sizes.image
        case Document(media_type="application/pdf"):
            return min(pdf.pages_at_most(block.data) * sizes.page, sizes.window)
        case Document():
            # base64 has four characters for three bytes, and no token is less than a byte.
            return len(block.name.encode()) + len(block.data)
        case Sound():
            return block.seconds * SOUND
        case _:
            return 0


def _media_likely(block: Block) -> int:
    match block:
        case Image():
            return LIKELY_IMAGE
        case Document(media_type="application/pdf"):
            return pdf.pages_at_most(block.data) * LIKELY_PAGE
        case Document():
            return len(block.data) // 4
        case Sound():
            return block.seconds * LIKELY_SOUND
        case _:
            return 0


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
