"""The task of a completion: one question to one model, as it was asked."""

from __future__ import annotations

from typing import Any

from agents import calls, summaries
from agents.contracts import Answer
from agents.errors import ModelRefused
from agents.providers import messages
from billing import money
from nexus import engine

from .models import Completion
from .questions import Question

TYPE = "completion"
REFUSAL = "refusal"


def answer(context: engine.Context) -> engine.Outcome:
    """Ask, and end with the answer. A model that declines has answered, too."""
    asked = Question.of_json(Completion.objects.values_list("asked", flat=True).get(public_id=context.subject))
    try:
        said = calls.call(
            context, role=context.input["role"], step=1, system=asked.system, turns=asked.turns, tools=asked.tools,
            schema=asked.schema, max_tokens=asked.max_tokens, aloud=asked.schema is None,
        )  # fmt: skip
    except ModelRefused as refusal:
        return engine.Done(output=_refused(context, refusal))
    context.flush()
    return engine.Done(output=_said(said))


def _said(answer: Answer) -> dict[str, Any]:
    return {
        "blocks": messages.blocks_as_json(answer.blocks),
        "stop_reason": answer.stop_reason,
        "model": answer.model,
        "role": answer.role,
        "sandbox": answer.sandbox,
        "input_tokens": answer.input_tokens,
        "output_tokens": answer.output_tokens,
        "cost_usd": money.text(answer.cost_usd),
    }


def _refused(context: engine.Context, refusal: ModelRefused) -> dict[str, Any]:
    took = summaries.of_tasks([context.task_id])[context.task_id]
    return {
        "blocks": messages.blocks_as_json([messages.Text(text=str(refusal))]),
        "stop_reason": REFUSAL,
        "model": took.model,
        "role": took.role,
        "sandbox": took.sandbox,
        "input_tokens": took.input_tokens,
        "output_tokens": took.output_tokens,
        "cost_usd": money.text(took.cost_usd),
    }
