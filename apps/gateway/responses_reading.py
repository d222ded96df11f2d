"""The Responses API: what of a request's input, instructions, tools and format is asked of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.providers.messages import Block, Text, ToolResult, Turn

from . import parts
from .errors import Invalid, Unsupported
from .questions import MOST_MESSAGES, Question, Talk

AT = "#/input"


@dataclass(frozen=True, kw_only=True)
class Before:
    """What a response goes on from: everything that was said, and what programs said of how to say it."""

    turns: Sequence[Turn] = ()
    system: Sequence[str] = ()


def read(body: dict[str, Any], before: Before) -> tuple[Question, list[str]]:
    """The question of a checked body, and what of it holds for those that go on from it too."""
    system, talk = list(before.system), Talk(before.turns)
    for place, item in enumerate(_items(body["input"])):
        _take(parts.mapping(item, f"{AT}/{place}"), f"{AT}/{place}", talk, system)
    tools = parts.tools(body.get("tools"), "#/tools", flat=True)
    choice, offered = parts.choice(body.get("tool_choice"), tools, "#/tool_choice")
    schema, instruction = parts.answer_format((body.get("text") or {}).get("format"), "#/text/format", flat=True)
    said = (body.get("instructions") or "", *system, instruction)
    question = Question(
        system="\n\n".join(part for part in said if part.strip()),
        turns=talk.turns(at=AT),
        tools=offered,
        tool_choice=choice,
        schema=schema,
        max_tokens=body.get("max_output_tokens"),
    )
    return question, system


def _items(told: Any) -> list[Any]:
    if isinstance(told, str):
        return [{"role": "user", "content": told}]
    listed = parts.listing(told, AT)
    if not 0 < len(listed) <= MOST_MESSAGES:
        raise Invalid(f"There are 1 to {MOST_MESSAGES} items.", pointer=AT)
    return listed


def _take(item: dict[str, Any], at: str, talk: Talk, system: list[str]) -> None:
    match item.get("type", "message"):
        case "message":
            _message(item, at, talk, system)
        case "function_call":
            use = parts.tool_use(item.get("call_id"), item.get("name"), item.get("arguments"), at)
            talk.say("assistant", (use,), at=at)
        case "function_call_output":
            told = ToolResult(
                id=parts.text(item.get("call_id"), f"{at}/call_id"),
                text=parts.words(item.get("output"), f"{at}/output"),
            )
            talk.result(told, at=f"{at}/call_id")
        case "reasoning":
            pass  # another answer's thoughts are nobody's here; our own are kept with the answer
        case kind:
            raise Unsupported(f"An item of the type {str(kind)[:40]!r} is not taken here.", pointer=f"{at}/type")


def _message(item: dict[str, Any], at: str, talk: Talk, system: list[str]) -> None:
    content = item.get("content")
    match item.get("role"):
        case "system" | "developer":
            system.append(parts.words(content, f"{at}/content"))
        case "user":
            talk.say("user", parts.blocks(content, f"{at}/content"), at=f"{at}/role")
        case "assistant":
            said = parts.words(content, f"{at}/content")
            blocks: tuple[Block, ...] = (Text(text=said),) if said.strip() else ()
            if blocks:
                talk.say("assistant", blocks, at=f"{at}/role")
        case role:
            raise Invalid(f"There is no role {str(role)[:40]!r}.", pointer=f"{at}/role")
