"""What the Board is told, and asked, when no draft of an order passes. Pure but for the row it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nexus import engine

from .language import Language, language_of
from .models import WorkOrder

CHECKPOINT = "review"
CONTEXT_SHOWN = 500
"""Characters of the brief in a notice."""
DRAFT_SHOWN = 200_000
REASONS_SHOWN = 1_500

_ASKS: dict[Language, str] = {
    "en": (
        "None of {0} drafts passed review: {1} Approve takes the last one as it is, revise has it done once more by "
        "your reason, reject ends the order."
    ),
    "zh-Hans": "{0} 份草稿均未通过评审：{1} 批准即按原样接受最后一份，退改即按你的理由再做一次，拒绝即结束工单。",
}
_NO_REASON: dict[Language, str] = {"en": "the reviewer could not decide.", "zh-Hans": "评审者无法判定。"}


def notice(order: WorkOrder, facts: Mapping[str, Any], *, chain: Sequence[str], draft: str) -> dict[str, Any]:
    """The facts of a decision: what was asked, who tried, what was wrong with the last draft, and the draft."""
    return {
        "order": order.public_id,
        "intent": order.intent,
        "difficulty": order.difficulty,
        "chain": list(chain),
        "attempts": facts["attempt"],
        "error": " ".join(facts["reasons"])[:REASONS_SHOWN],
        "reasons": list(facts["reasons"]),
        "context": (order.brief or order.message)[:CONTEXT_SHOWN],
        "draft": draft[:DRAFT_SHOWN],
    }


def gate(order: WorkOrder, told: Mapping[str, Any]) -> engine.Gate:
    """The terms on which people decide about it."""
    language = language_of(order.message)
    error = str(told["error"]) or _NO_REASON[language]
    # replace, not format: the reasons are a model's and may hold braces.
    message = _ASKS[language].replace("{0}", str(told["attempts"])).replace("{1}", error)
    return engine.Gate(message=message, checkpoint=CHECKPOINT, allows=("approve", "revise", "reject"))
