"""Approvals for tests: a run that asks, and people's words about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from nexus import engine

from .runs import spec, submitted, work


def asked(*, run: engine.Run | None = None, **gate: Any) -> engine.Approval:
    """The open approval of a run whose handler has asked on these terms; of a new one where none is given."""
    if run is None:
        run = submitted(spec("one", "test.proposes", input={"gate": gate}), spec("two", after=("one",)))
    work(run)
    return engine.approvals.waiting().get(run=run)


def say(approval: engine.Approval, decision: str = "approve", actor: str = "ann", **given: Any) -> engine.Approval:
    """Decide as somebody who sees the approval as it is given here."""
    words: dict[str, Any] = {"hash": approval.hash, **given}
    return engine.decide(approval_id=approval.pk, decision=decision, actor=actor, **words)  # type: ignore[arg-type]


def pass_time(approval: engine.Approval, *columns: str) -> None:
    """Let the times in `columns` be over."""
    past = Now() - timedelta(seconds=1)
    assert engine.approvals.filter(pk=approval.pk).update(**dict.fromkeys(columns, past)) == 1
