"""What is asked of a model, whichever way it was asked: kept with the request, and read again by the worker. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from agents.providers import messages
from agents.providers.messages import Block, Speaker, ToolOffer, Turn

from .errors import Invalid

MOST_MESSAGES = 2_000
MOST_TOOLS = 128


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question to a model."""

    system: str = ""
    turns: tuple[Turn, ...]
    tools: tuple[ToolOffer, ...] = ()
    tool_choice: str = ""
    """Empty: as the model likes. `required`: one of them. Else the name of the one."""
    schema: dict[str, Any] | None = None
    max_tokens: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "system": self.system,
            "turns": messages.as_json(self.turns),
            "tools": [asdict(tool) for tool in self.tools],
            "tool_choice": self.tool_choice,
            "schema": self.schema,
            "max_tokens": self.max_tokens,
        }

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> Question:
        """As it was kept."""
        tools = tuple(ToolOffer(**tool) for tool in kept["tools"])
        return cls(**{**kept, "turns": messages.of_json(kept["turns"]), "tools": tools})

    @property
    def last_words(self) -> str:
        """What was said last by whoever asks."""
        asked = [turn for turn in self.turns if turn.speaker == "user"]
        return messages.words(asked[-1].blocks) if asked else ""


class Talk:
    """Turns as they are read: one side at a time, each tool use answered in the turn after it."""

    def __init__(self, before: Sequence[Turn] = ()) -> None:
        """Go on from `before`."""
        self._turns = list(before)
        last = self._turns[-1].blocks if self._turns else ()
        self._waiting = [block.id for block in last if block.kind == "tool_use"]

    def say(self, speaker: Speaker, blocks: Sequence[Block], *, at: str) -> None:
        """Add what one side says; tools that it asks for wait for their results from then on."""
        if speaker == "user" or not all(block.kind == "tool_use" for block in blocks):
            self._is_answered(at)
        self._add(speaker, blocks)
        self._waiting += [block.id for block in blocks if block.kind == "tool_use"]

    def result(self, block: messages.ToolResult, *, at: str) -> None:
        """Add what came of a tool."""
        if block.id not in self._waiting:
            raise Invalid("No tool call with this id waits for a result.", pointer=at)
        self._waiting.remove(block.id)
        self._add("user", (block,))

    def turns(self, *, at: str) -> tuple[Turn, ...]:
        """All of it. Raise Invalid where a model could not answer it."""
        self._is_answered(at)
        if not self._turns or self._turns[-1].speaker != "user":
            raise Invalid("The last word is the user's, or a tool's result.", pointer=at)
        if self._turns[0].speaker == "assistant":
            raise Invalid("The first word is the user's.", pointer=at)
        return tuple(self._turns)

    def _add(self, speaker: Speaker, blocks: Sequence[Block]) -> None:
        if self._turns and self._turns[-1].speaker == speaker:
            blocks = (*self._turns.pop().blocks, *blocks)
        self._turns.append(Turn(speaker=speaker, blocks=tuple(blocks)))

    def _is_answered(self, at: str) -> None:
        if self._waiting:
            missing = ", ".join(self._waiting[:10])
            raise Invalid(f"Each tool call needs its result before anything else is said: {missing}", pointer=at)


def plain(value: Any) -> Any:
    """JSON as the strict reader gives it, with its decimals as the floats that JSON columns and SDKs take."""
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case _:
            return value
