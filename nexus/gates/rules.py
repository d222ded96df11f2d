"""What is decided, as a hash; who may say what; what it comes to. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nexus.tasks.gate import Gate, Word

Outcome = Literal["approved", "edited", "revised", "rejected", "responded", "withdrawn"]
COMES_TO: Mapping[Word, Outcome] = {
    "approve": "approved",
    "edit_and_approve": "edited",
    "revise": "revised",
    "reject": "rejected",
    "respond": "responded",
}
OUTCOMES: tuple[Outcome, ...] = (*COMES_TO.values(), "withdrawn")
NEEDS_WORDS: frozenset[Word] = frozenset({"revise", "reject", "respond"})
"""These say nothing without a reason."""
COUNTED: frozenset[Word] = frozenset({"approve", "edit_and_approve"})
"""Of these a quorum is needed; any other decides at once."""
LARGEST = 1_000_000
LONGEST_REASON = 20_000


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A handler's answer: people decide about `content` first, then it is called again. Raise ValueError."""

    gate: Gate
    content: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse here, in the handler's own call, what could not be stored."""
        canonical(self.content)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What people decided, for the handler that asked."""

    outcome: Outcome
    content: dict[str, Any]
    """As it was approved: what was asked, or what somebody made of it."""
    reason: str
    """Why; the feedback of a revision; the answer to a question."""
    by: str
    """Who; empty where time decided."""
    approval_id: int

    @property
    def is_approved(self) -> bool:
        """May `content` be used?"""
        return self.outcome in ("approved", "edited")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Who may decide what, as an approval has it now."""

    allows: tuple[str, ...]
    approvers: tuple[str, ...]
    requester: str
    four_eyes: bool


def canonical(content: Mapping[str, Any]) -> bytes:
    """The same bytes for the same content, on every machine; raise ValueError for what no JSON column holds."""
    if not isinstance(content, Mapping):
        raise ValueError("What is decided is a JSON object")
    try:
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        written = text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"What is decided is no JSON: {error}") from None
    if "\\u0000" in text:
        raise ValueError("What is decided holds a NUL character, which Postgres does not store")
    if len(written) > LARGEST:
        raise ValueError(f"What is decided is larger than {LARGEST} bytes; name it by an id")
    return written


def hash_of(*, task: str, checkpoint: str, content: Mapping[str, Any]) -> str:
    """What a decision is bound to: the type of the task, its checkpoint and the content."""
    return hashlib.sha256(
        canonical({"task": task, "checkpoint": checkpoint, "content": json.loads(canonical(content))})
    ).hexdigest()


def may_decide(standing: Standing, *, actor: str) -> Literal["four_eyes", "not_an_approver"] | None:
    """None, or why `actor` may not."""
    if standing.four_eyes and actor == standing.requester:
        return "four_eyes"
    if standing.approvers and actor not in standing.approvers:
        return "not_an_approver"
    return None


def decides(word: Word, *, approvals: int, quorum: int) -> bool:
    """Is it decided with this word, when the content it names has `approvals` without it?"""
    return word not in COUNTED or approvals + 1 >= quorum


def what_is_wrong(word: Word, *, reason: str, content: object) -> tuple[str, str] | None:
    """None, or the place in a decision that is wrong and the sentence that says so."""
    if len(reason) > LONGEST_REASON or "\x00" in reason:
        return "/reason", f"A reason is at most {LONGEST_REASON} characters, without NUL"
    if word in NEEDS_WORDS and not reason.strip():
        return "/reason", f"To {word} needs a reason"
    if (word == "edit_and_approve") != (content is not None):
        return "/content", "Content comes with edit_and_approve, and with nothing else"
    return None
