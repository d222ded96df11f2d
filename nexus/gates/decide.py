"""One person's word about an approval. The first that decides stands; who comes later is told what stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now

from nexus.errors import IllegalMove, NexusError, NotThere
from nexus.events import catalog as kinds
from nexus.events.append import Said, append
from nexus.tasks import transitions
from nexus.tasks.gate import WORDS, Word
from nexus.tasks.models import Run
from nexus.tasks.states import TaskState
from nexus.transactions import opens_transaction, requires_transaction

from . import ask, rules
from .errors import AlreadyDecided, AlreadyVoted, DecisionInvalid, FourEyes, NotAllowedHere, NotAnApprover, Superseded
from .follow import follow
from .models import Approval, Vote
from .remind import expire

REFUSALS: dict[str, type[NexusError]] = {"four_eyes": FourEyes, "not_an_approver": NotAnApprover}


@dataclass(frozen=True, kw_only=True)
class _Word:
    """What somebody says."""

    word: Word
    hash: str
    actor: str
    reason: str
    content: dict[str, Any] | None
    channel: str


def decide(
    *,
    approval_id: int,
    decision: Word,
    hash: str,
    actor: str,
    reason: str = "",
    content: dict[str, Any] | None = None,
    channel: str = "",
) -> Approval:
    """Take `actor`'s word about the content that `hash` names; return the approval as it is then.

    Raise DecisionInvalid, NotAllowedHere, NotAnApprover, FourEyes; AlreadyDecided and Superseded with what stands,
    AlreadyVoted. Whatever is raised, nothing was changed, but that a time that was over is now said to be.
    """
    _check(decision, actor=actor, reason=reason, content=content)
    said = _Word(word=decision, hash=hash, actor=actor, reason=reason.strip(), content=content, channel=channel)
    answer = _take(approval_id, said)
    if isinstance(answer, NexusError):
        raise answer
    return answer


@opens_transaction
def amend(*, approval_id: int, content: dict[str, Any]) -> Approval:
    """Ask for something else in an approval that is open: what was said to the old content does not count for it.

    Raise AlreadyDecided, DecisionInvalid.
    """
    _check_content(content)
    _, approval = _locked(approval_id)
    if approval.declared or not ask.amend(approval, content=content):
        raise (IllegalMove("Its content is the task's input") if approval.declared else _decided(approval))
    return Approval.objects.get(pk=approval_id)


def _check(word: str, *, actor: str, reason: str, content: object) -> None:
    if word not in WORDS:
        raise DecisionInvalid(f"A decision is one of {', '.join(WORDS)}", pointer="/decision")
    if not actor.strip():
        raise DecisionInvalid("Somebody has to decide", pointer="/actor")
    if wrong := rules.what_is_wrong(word, reason=reason, content=content):
        raise DecisionInvalid(wrong[1], pointer=wrong[0])
    if content is not None:
        _check_content(content)


def _check_content(content: Any) -> None:
    try:
        rules.canonical(content)
    except ValueError as error:
        raise DecisionInvalid(str(error), pointer="/content") from None


@opens_transaction
def _take(approval_id: int, said: _Word) -> Approval | NexusError:
    """Returns refusals instead of raising them: that time was over is kept, whatever it means for this word."""
    run, approval = _locked(approval_id)
    if expire(run, approval):
        approval = Approval.objects.select_related("task").get(pk=approval_id)
    if refused := _refusal(approval, said):
        return refused
    named = said.hash if said.content is None else _hash(approval, said.content)
    before = Vote.objects.filter(approval=approval, word__in=rules.COUNTED, hash=named)
    if before.filter(actor=said.actor).exists():
        return AlreadyVoted(standing=standing(approval))
    decides = rules.decides(said.word, approvals=before.count(), quorum=approval.quorum)
    changes: dict[str, Any] = {"votes": before.count() + (said.word in rules.COUNTED), "hash": named}
    if said.content is not None:
        changes["content"] = said.content
    if decides:
        final = changes.get("content", approval.content)
        changes |= {"outcome": _outcome(said.word, edited=final != approval.proposed), "decided_at": Now()}
        changes |= {"decided_by": said.actor, "reason": said.reason}
    # Twenty people, a timeout and a browser's second click may be here. All wait for the run's row, and this guard
    # asks the approval's own row once more: without an outcome, with the content that was named, and in time.
    # One finds it so; the others change nothing and are told what stands.
    if not Approval.objects.decidable().filter(pk=approval.pk, hash=said.hash).update(**changes):
        return _refusal(Approval.objects.get(pk=approval.pk), said) or _decided(approval)
    _keep(approval, said, named=named, decides=decides)
    approval.refresh_from_db()
    if decides:
        follow(run, approval)
    return approval


def _outcome(word: Word, *, edited: bool) -> rules.Outcome:
    """An approval of what somebody made of it is an edit, whoever says the last word."""
    if word not in rules.COUNTED:
        return rules.COMES_TO[word]
    return "edited" if edited else "approved"


def _keep(approval: Approval, said: _Word, *, named: str, decides: bool) -> None:
    Vote.objects.create(
        approval=approval, actor=said.actor, word=said.word, reason=said.reason, hash=named, content=said.content,
        channel=said.channel, decides=decides,
    )  # fmt: skip
    facts = {
        "approval": approval.pk, "decision": said.word, "actor": said.actor, "reason": said.reason, "hash": named,
        "channel": said.channel,
    }  # fmt: skip
    kind = kinds.APPROVAL_DECIDED if decides else kinds.APPROVAL_VOTED
    told = {name: fact for name, fact in facts.items() if fact}
    append(approval.run_id, Said(kind=kind, task_id=approval.task_id, data=told))


def _hash(approval: Approval, content: dict[str, Any]) -> str:
    return rules.hash_of(task=approval.task.type, checkpoint=approval.checkpoint, content=content)


def _refusal(approval: Approval, said: _Word) -> NexusError | None:
    if approval.outcome is not None:
        return _decided(approval)
    if why := rules.may_decide(approval.standing(), actor=said.actor):
        return REFUSALS[why](standing=standing(approval))
    if said.word not in approval.allows:
        return NotAllowedHere(f"This gate takes {', '.join(approval.allows)}", pointer="/decision")
    if approval.hash != said.hash:
        return Superseded(standing=standing(approval), pointer="/hash")
    if approval.task.state != TaskState.WAITING_APPROVAL:
        return AlreadyDecided("Its task does not wait any more", standing=standing(approval))
    return None


def _decided(approval: Approval) -> AlreadyDecided:
    found = standing(approval)
    if approval.outcome is None:
        return AlreadyDecided("Its time is over", standing=found)
    who = found["decided_by"] or ("time" if approval.expired_at else "nobody")
    return AlreadyDecided(f"It was {found['outcome']} by {who} at {found['decided_at']}", standing=found)


def standing(approval: Approval) -> dict[str, Any]:
    """What stands now, for whoever comes too late or saw something else."""
    return {
        "approval": approval.pk,
        "outcome": approval.outcome,
        "decided_by": approval.decided_by,
        "decided_at": approval.decided_at.isoformat() if approval.decided_at else None,
        "reason": approval.reason,
        "hash": approval.hash,
    }


@requires_transaction
def _locked(approval_id: int) -> tuple[Run, Approval]:
    """The run first, then the approval as it is under that lock."""
    run_id = Approval.objects.filter(pk=approval_id).values_list("run_id", flat=True).first()
    if run_id is None:
        raise NotThere("There is no such approval", approval_id=approval_id)
    return transitions.lock_run(run_id), Approval.objects.select_related("task").get(pk=approval_id)
