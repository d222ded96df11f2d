"""The tool uses of one answer, one after the other in its order: done, or the model is told why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from agents import tools
from agents.providers import messages
from agents.providers.messages import ToolResult, ToolUse
from agents.tools.loops import fingerprint
from agents.tools.run import key_of
from nexus import engine

from . import asking
from .limits import Limits
from .talk import Conversation


def asked_for(talk: Conversation) -> tuple[ToolUse, ...]:
    """What the last turn asks for and nobody has answered yet."""
    last = talk.last
    blocks = messages.blocks_of_json(last.blocks) if last is not None and last.speaker == "assistant" else ()
    return tuple(block for block in blocks if isinstance(block, ToolUse))


def results(talk: Conversation, most: Limits) -> Iterator[ToolResult]:
    """What came of each. What `tools.use` raises goes through: the next execution does the same uses again.

    That is safe: what was done is known by its effect, and what was refused was not done.
    """
    only = frozenset(offer.name for offer in talk.offers)
    seen = Counter(_print(talk, use) for use in talk.uses())
    mine = asked_for(talk)
    seen.subtract(_print(talk, use) for use in mine)
    for use in mine:
        seen[_print(talk, use)] += 1
        yield _refusal(talk, use, times=seen[_print(talk, use)], most=most) or tools.use(
            talk.context, role=talk.row.role, use=use, step=talk.step, only=only, told=talk.given
        )


def refused(talk: Conversation, told: list[ToolResult]) -> list[dict[str, Any]]:
    """Of these results, what was not done at all: it has no effect, and so no other event."""
    uses = {use.id: use for use in asked_for(talk)}
    keys = {key_of(talk.step, use): use.id for use in uses.values()}
    done = engine.effects.filter(task_id=talk.context.task_id, key__in=keys).values_list("key", flat=True)
    known = {keys[key] for key in done}
    return [
        {"tool": uses[one.id].name[:64], "id": one.id, "text": one.text[:500]} for one in told if one.id not in known
    ]


def _refusal(talk: Conversation, use: ToolUse, *, times: int, most: Limits) -> ToolResult | None:
    """What the model is told instead, where this is not to be done; raise PeopleAsked where they decide that."""
    if use.malformed:
        cut = "It was cut off at your limit of tokens: ask for less at a time. " if _was_cut(talk) else ""
        return _told(use, f"{cut}The input is no JSON object: {use.malformed[:200]}. Nothing was done.")
    if not most.repeats or times <= most.repeats:
        return None
    if times == most.repeats + 1:
        return _told(
            use,
            f"Not done: you have made this very call {most.repeats} times, and its answer stands above. "
            "Do something else, or answer with what you have. People are asked if you make it again.",
        )
    return _allowed(talk, use, times=times)


def _allowed(talk: Conversation, use: ToolUse, *, times: int) -> ToolResult | None:
    checkpoint = f"again:{talk.row.step}:{_print(talk, use)[:16]}:{times}"
    decision = asking.decided(talk.context, checkpoint)
    if decision is None:
        raise engine.PeopleAsked(
            asking.question(
                f"The agent calls {use.name[:64]} with the same input for the {times}th time: it may go in circles. "
                "Approve to let it; respond to tell it something instead; reject to end the order.",
                checkpoint=checkpoint, tool=use.name, input=use.input, times=times,
            )
        )  # fmt: skip
    return None if decision.is_approved else _told(use, f"Not done. The people in charge say: {decision.reason}")


def _told(use: ToolUse, why: str) -> ToolResult:
    return ToolResult(id=use.id, text=why, is_error=True)


def _was_cut(talk: Conversation) -> bool:
    return talk.last is not None and (talk.last.answer or {}).get("stop_reason") == "max_tokens"


def _print(talk: Conversation, use: ToolUse) -> str:
    return fingerprint(role=talk.row.role, tool=use.name, input=use.input)
