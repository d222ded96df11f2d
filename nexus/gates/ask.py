"""Open an approval: a handler's, in the settle of its execution, or a task's own before it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from nexus.events import catalog as kinds
from nexus.events.append import Said, append
from nexus.tasks import transitions
from nexus.tasks.gate import BEFORE_THE_WORK, WORDS, Gate
from nexus.tasks.graph import TaskSpec
from nexus.tasks.models import Task
from nexus.transactions import requires_transaction

from . import rules
from .models import Approval, DeclaredGate
from .rules import Ask

CODE = "approval"
"""What a task's `wait` says while an approval of it is open."""
BATCH = 200


@requires_transaction
def ask(*, run_id: int, task_id: int, task_type: str, asked: Ask) -> dict[str, Any]:
    """Write the approval of a handler; return the `wait` that its task parks with. The run is locked."""
    return _write(run_id, task_id, task_type, asked.gate, asked.content, allows=asked.gate.allows or WORDS)


@requires_transaction
def declare(run_id: int, specs: Sequence[TaskSpec]) -> None:
    """Put the gates of `specs` before their tasks, written in this transaction. The run is locked, or new.

    They were written with a time that does not come (see resolved()), so that nobody can claim them. One that waits
    for nothing else is asked about at once; for any other, open_gates looks when its parents are done.
    """
    gated = {spec.key: spec for spec in specs if spec.gate is not None}
    if not gated:
        return
    tasks = list(Task.objects.of(run_id).filter(key__in=gated))
    DeclaredGate.objects.bulk_create(DeclaredGate(task=task, terms=_terms(gated[task.key])) for task in tasks)
    for task in tasks:
        if not task.deps_left:
            _open(run_id, task.pk)


def _terms(spec: TaskSpec) -> dict[str, Any]:
    return {} if spec.gate is None else spec.gate.as_json()


def open_gates() -> int:
    """Ask about tasks whose parents are done and whose time has come; return about how many."""
    opened = 0
    gates = DeclaredGate.objects.to_open().order_by("task_id").values_list("task_id", "task__run_id")
    for task_id, run_id in gates[:BATCH]:
        with transaction.atomic():
            transitions.lock_run(run_id)
            # Another dispatcher may have read the same gate: it waited for the run, and finds it open.
            if DeclaredGate.objects.to_open().filter(pk=task_id).exists():
                _open(run_id, task_id)
                opened += 1
    return opened


def _open(run_id: int, task_id: int) -> None:
    gate = DeclaredGate.objects.select_related("task").get(pk=task_id)
    terms = Gate.of(gate.terms)
    task = gate.task
    wait = _write(run_id, task_id, task.type, terms, task.input, allows=terms.allows or BEFORE_THE_WORK, declared=True)
    transitions.hold_for_decision(task, wait=wait)
    DeclaredGate.objects.filter(pk=task_id).update(opened_at=Now())


def _write(
    run_id: int, task_id: int, task_type: str, gate: Gate, content: Mapping[str, Any], *, allows: Sequence[str],
    declared: bool = False,
) -> dict[str, Any]:  # fmt: skip
    row = Approval.objects.create(
        run_id=run_id, task_id=task_id, declared=declared, checkpoint=gate.checkpoint, message=gate.message,
        proposed=content, content=content, allows=list(allows), approvers=list(gate.approvers),
        hash=rules.hash_of(task=task_type, checkpoint=gate.checkpoint, content=content),
        cc=list(gate.cc), quorum=gate.quorum, requester=gate.requester, four_eyes=gate.four_eyes,
        on_timeout=gate.on_timeout, on_reject=gate.on_reject, remind_every=gate.remind_every,
        escalate_to=list(gate.escalate_to), escalate_at=_after(gate.escalate_after),
        remind_at=_after(gate.remind_every), expires_at=_after(gate.expires_after),
    )  # fmt: skip
    row.refresh_from_db(fields=["expires_at", "asked_at"])
    facts = {
        "approval": row.pk, "checkpoint": row.checkpoint, "message": row.message, "hash": row.hash,
        "approvers": row.approvers, "quorum": row.quorum,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }  # fmt: skip
    append(run_id, Said(kind=kinds.APPROVAL_REQUESTED, task_id=task_id, data=facts))
    return {"code": CODE, "message": gate.message, "detail": {"approval": row.pk, "approvers": row.approvers}}


def _after(seconds: float | None) -> Any:
    return None if seconds is None else Now() + timedelta(seconds=seconds)


@requires_transaction
def amend(approval: Approval, *, content: Mapping[str, Any]) -> bool:
    """Write what the product asks instead; False when it is decided. The run is locked. Votes were for the other."""
    hashed = rules.hash_of(task=approval.task.type, checkpoint=approval.checkpoint, content=content)
    changed = Approval.objects.waiting().filter(pk=approval.pk).update(
        proposed=content, content=content, hash=hashed, votes=0
    )  # fmt: skip
    if changed:
        facts = {"approval": approval.pk, "hash": hashed}
        append(approval.run_id, Said(kind=kinds.APPROVAL_AMENDED, task_id=approval.task_id, data=facts))
    return bool(changed)
