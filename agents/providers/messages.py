"""What is said between us and a model, whoever makes it: turns of blocks. Pure; each block is a plain JSON object too.

Turns are stored as JSON with the calls that asked them (`as_json`, `of_json`), so that a worker that takes over reads
the conversation exactly as the last one left it. Bytes of pictures, sound and documents are kept as base64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Speaker = Literal["user", "assistant"]


@dataclass(frozen=True, kw_only=True)
class Text:
    """Words."""

    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture. `data` is base64 of bytes of `media_type`, such as image/png."""

    media_type: str
    data: str = field(repr=False)
    kind: Literal["image"] = "image"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file to be read: application/pdf or text/plain. `data` is base64."""

    media_type: str
    name: str
    data: str = field(repr=False)
    kind: Literal["document"] = "document"


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A recording, for a model that listens and writes down what is said. `data` is base64."""

    media_type: str
    name: str
    seconds: int
    """How long it lasts at most: what it is billed by."""
    data: str = field(repr=False)
    kind: Literal["sound"] = "sound"


@dataclass(frozen=True, kw_only=True)
class Thinking:
    """What a model thought before it spoke. It goes back to its maker as it came, and to nobody else.

    `signature` is the maker's seal; `redacted` holds what only the maker can read.
    """

    text: str
    signature: str = ""
    redacted: str = ""
    maker: str = ""
    """Whose it is: `anthropic` or `openai`. Empty, from earlier versions, is `anthropic`."""
    kind: Literal["thinking"] = "thinking"


@dataclass(frozen=True, kw_only=True)
class ToolUse:
    """A model asks for a tool. `id` is the maker's, unique in its answer."""

    id: str
    name: str
    input: dict[str, Any]
    malformed: str = ""
    """What the model wrote where `input` should have been, when that was no JSON object or was cut off.

    Such a tool is not run: the model is told so in the ToolResult.
    """
    kind: Literal["tool_use"] = "tool_use"


@dataclass(frozen=True, kw_only=True)
class ToolResult:
    """What became of a ToolUse."""

    id: str
    text: str
    is_error: bool = False
    kind: Literal["tool_result"] = "tool_result"


Block = Text | Image | Document | Sound | Thinking | ToolUse | ToolResult
_KINDS: dict[str, type[Block]] = {
    "text": Text,
    "image": Image,
    "document": Document,
    "sound": Sound,
    "thinking": Thinking,
    "tool_use": ToolUse,
    "tool_result": ToolResult,
}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one side said at once."""

    speaker: Speaker
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class ToolOffer:
    """A tool as a model is told of it. `schema` is the JSON Schema of its input, an object."""

    name: str
    description: str
    schema: dict[str, Any]


def said(text: str, speaker: Speaker = "user") -> Turn:
    """A turn of nothing but words."""
    return Turn(speaker=speaker, blocks=(Text(text=text),))


def words(blocks: Sequence[Block]) -> str:
    """The words among `blocks`, without thoughts and tools."""
    return "".join(block.text for block in blocks if isinstance(block, Text))


def as_json(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Turns as they are stored."""
    return [{"speaker": turn.speaker, "blocks": blocks_as_json(turn.blocks)} for turn in turns]


def of_json(stored: Sequence[dict[str, Any]]) -> tuple[Turn, ...]:
    """Turns as they were stored. Raise KeyError on a kind that this version does not know."""
    return tuple(Turn(speaker=turn["speaker"], blocks=blocks_of_json(turn["blocks"])) for turn in stored)


def blocks_as_json(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Blocks as they are stored."""
    return [asdict(block) for block in blocks]


def blocks_of_json(stored: Sequence[dict[str, Any]]) -> tuple[Block, ...]:
    """Blocks as they were stored. Raise KeyError on a kind that this version does not know."""
    return tuple(_KINDS[block["kind"]](**block) for block in stored)
