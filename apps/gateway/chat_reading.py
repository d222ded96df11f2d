"""Chat Completions: what of a request's messages, tools and format is asked of a model."""

from __future__ import annotations

from typing import Any

from agents.providers.messages import Block, Text, ToolResult

from . import parts
from .errors import Invalid
from .questions import MOST_MESSAGES, Question, Talk

AT = "#/messages"


def read(body: dict[str, Any]) -> Question:
    """The question of a checked body; raise Invalid or Unsupported with the place."""
    listed = parts.listing(body["messages"], AT)
    if not 0 < len(listed) <= MOST_MESSAGES:
        raise Invalid(f"There are 1 to {MOST_MESSAGES} messages.", pointer=AT)
    system: list[str] = []
    talk = Talk()
    for place, message in enumerate(listed):
        _take(parts.mapping(message, f"{AT}/{place}"), f"{AT}/{place}", talk, system)
    tools = parts.tools(body.get("tools"), "#/tools", flat=False)
    choice, offered = parts.choice(body.get("tool_choice"), tools, "#/tool_choice")
    schema, instruction = parts.answer_format(body.get("response_format"), "#/response_format", flat=False)
    return Question(
        system="\n\n".join(part for part in (*system, instruction) if part.strip()),
        turns=talk.turns(at=AT),
        tools=offered,
        tool_choice=choice,
        schema=schema,
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
    )


def _take(message: dict[str, Any], at: str, talk: Talk, system: list[str]) -> None:
    content = message.get("content")
    match message.get("role"):
        case "system" | "developer":
            system.append(parts.words(content, f"{at}/content"))
        case "user":
            talk.say("user", parts.blocks(content, f"{at}/content"), at=f"{at}/role")
        case "assistant":
            talk.say("assistant", _spoken(message, at), at=f"{at}/role")
        case "tool":
            told = ToolResult(
                id=parts.text(message.get("tool_call_id"), f"{at}/tool_call_id"),
                text=parts.words(content, f"{at}/content"),
            )
            talk.result(told, at=f"{at}/tool_call_id")
        case role:
            raise Invalid(f"There is no role {str(role)[:40]!r}.", pointer=f"{at}/role")


def _spoken(message: dict[str, Any], at: str) -> tuple[Block, ...]:
    said = parts.words(message.get("content"), f"{at}/content") or str(message.get("refusal") or "")
    calls = parts.listing(message.get("tool_calls") or [], f"{at}/tool_calls")
    uses = [_call(parts.mapping(call, f"{at}/tool_calls/{n}"), f"{at}/tool_calls/{n}") for n, call in enumerate(calls)]
    blocks: tuple[Block, ...] = (*((Text(text=said),) if said.strip() else ()), *uses)
    if not blocks:
        raise Invalid("Something must have been said.", pointer=f"{at}/content")
    return blocks


def _call(call: dict[str, Any], at: str) -> Block:
    function = parts.mapping(call.get("function"), f"{at}/function")
    return parts.tool_use(call.get("id"), function.get("name"), function.get("arguments"), at)
