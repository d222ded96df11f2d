"""A session begins and ends."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db.models.functions import Now

from agents import registry, tokens
from agents.sessions.models import Message, Session
from nexus import engine
from nexus.transactions import requires_transaction

Status = Session.Status


@requires_transaction
def begin_session(
    *,
    project: str,
    agent: str,
    title: str = "",
    busy: str = "",
    starter: str = "",
    metadata: Mapping[str, Any] | None = None,
) -> Session:
    """A new conversation with an agent, written with the caller's words; UnknownRole for one that there is not."""
    found = registry.find(agent, project=project)
    session = Session(
        public_id=f"sess-{uuid4()}",
        project=project,
        agent=found.name,
        role=found.role,
        title=tokens.clean(title)[:200],
        busy=busy,
        starter=starter[:200],
        metadata=tokens.clean_json(dict(metadata or {})),
    )
    session.save(force_insert=True)
    session.refresh_from_db(fields=("created_at", "last_active_at"))
    return session


@requires_transaction
def close_session(session: Session) -> int | None:
    """End it: nothing more is said. Return the run that is still answering, for the caller to cancel after the commit.

    A session that is over stays over, and this changes nothing.
    """
    # Senders wait here, and find it closed.
    held = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    open_ones = Session.objects.filter(pk=held.pk, status__in=(Status.ACTIVE, Status.PAUSED))
    if not open_ones.update(status=Status.CLOSED, turn="", last_active_at=Now()):
        return None
    waiting = held.messages.filter(status__in=(Message.Status.QUEUED, Message.Status.WORKING))
    run_id = waiting.filter(public_id=held.turn).values_list("run_id", flat=True).first()
    waiting.update(status=Message.Status.INTERRUPTED)
    return run_id


def stop(run_id: int | None, *, reason: str) -> None:
    """Cancel a run that nobody waits for any more. One that has ended meanwhile is as good."""
    if run_id is None:
        return
    with contextlib.suppress(engine.IllegalMove):
        engine.cancel(run_id=run_id, reason=reason)
