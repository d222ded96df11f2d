"""How a stage asks a model: the order's words in marked blocks, the instruction outside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents import calls, prompts
from agents.contracts import Answer
from agents.providers.messages import Text, Turn
from nexus import engine

from . import attached, instructions
from .language import language_of
from .models import WorkOrder


def ask(
    context: engine.Context,
    *,
    order: WorkOrder,
    role: str,
    kind: str,
    step: int = 1,
    schema: dict[str, Any] | None = None,
    section: tuple[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
    criteria: Sequence[str] = (),
    draft: str = "",
    feedback: Sequence[str] = (),
    sees: bool = False,
) -> Answer:
    """Ask `role` to do its part of `order`. One step is one question: asked again after a crash, it is replayed.

    Who `sees` is shown the pictures and documents that came with the request.
    """
    prompt = prompts.compose(
        kind,
        instruction=instructions.of(kind, difficulty=order.difficulty),
        request=order.message,
        brief=order.brief,
        section=section,
        inputs=inputs,
        criteria=criteria,
        draft=draft,
        feedback=feedback,
    )
    language = instructions.answer_in(language_of(order.message))
    shown = attached.seen(order) if sees else ()
    turn = Turn(speaker="user", blocks=(*shown, Text(text=prompt)))
    return calls.call(context, role=role, step=step, system=language, turns=(turn,), schema=schema)


def fields(answer: Answer) -> dict[str, Any]:
    """The parsed answer. The call has checked it against its schema; every schema here is of an object."""
    if not isinstance(answer.data, dict):
        raise TypeError("a schema was given, so the answer is an object")
    return answer.data
