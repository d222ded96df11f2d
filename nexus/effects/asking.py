"""What a person is asked about an effect that nobody knows the end of, and what the answer means. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nexus.gates.rules import Ask, Decision
from nexus.tasks.gate import Gate, Word

if TYPE_CHECKING:
    from .models import Effect

Meaning = Literal["do_it", "it_happened", "leave_it"]
MEANS: dict[str, Meaning] = {"approved": "do_it", "responded": "it_happened", "rejected": "leave_it"}
ANSWERS: tuple[Word, ...] = ("approve", "respond", "reject")
MESSAGE = (
    "{name} may already have happened: its worker did not live to say. Look outside. "
    "Respond, with what came of it, when it did happen; approve to do it now when it did not; "
    "reject to leave it undone."
)


def checkpoint(effect: Effect) -> str:
    """What tells this question from others of its task."""
    return f"effect:{effect.pk}"


def question(effect: Effect) -> Ask:
    """The question, with the whole request: what is decided is what would be done."""
    content: dict[str, Any] = {
        "effect": effect.pk, "name": effect.name, "request": effect.request, "request_hash": effect.request_hash,
        "tried": effect.tries, "outside_key": str(effect.outside_key), "begun_at": effect.taken_at.isoformat(),
    }  # fmt: skip
    if effect.error:
        content["error"] = effect.error.get("message", "")
    gate = Gate(
        message=MESSAGE.format(name=effect.name[:200]), checkpoint=checkpoint(effect), allows=ANSWERS,
        on_reject="run_again",
    )  # fmt: skip
    return Ask(gate=gate, content=content)


def meaning(effect: Effect, decision: Decision | None) -> Meaning | None:
    """What `decision` says of this effect; None when it says nothing, or was honoured before."""
    if decision is None or decision.approval_id == effect.approval_id:
        return None
    asked = {"effect": effect.pk, "request_hash": effect.request_hash, "tried": effect.tries}
    if any(decision.content.get(name) != value for name, value in asked.items()):
        return None
    return MEANS.get(decision.outcome)
