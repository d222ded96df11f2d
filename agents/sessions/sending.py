"""Something is said: the message, and the run of the turn that answers it, with the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from agents import tokens
from agents.attachments.models import Attachment
from agents.sessions import ending, ulid
from agents.sessions.errors import MessageInvalid, SessionBusy, SessionClosed
from agents.sessions.models import Message, Session
from nexus.transactions import requires_transaction

LONGEST = 50_000
MOST_FILES = 10
ROLES = ("user", "assistant", "system")
Status = Message.Status


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What became of something that was said."""

    message: Message
    interrupted: int | None = None
    """The run that it interrupts: for the caller to cancel after the commit."""


@requires_transaction
def send(
    session: Session,
    *,
    content: str,
    role: str = "user",
    attachments: Sequence[Attachment] = (),
    metadata: Mapping[str, Any] | None = None,
    way: Mapping[str, str] | None = None,
) -> Sent:
    """Say something in `session`. What a user says is answered; what a program says for others is only kept.

    `way` says who answers it and where its work waits, where that is not the session's agent: role, model, queue.

    While another message is being answered this one waits, interrupts it or is refused, as the session says.
    MessageInvalid, SessionClosed, SessionBusy; then nothing is written.
    """
    _check(content, role, attachments)
    # Senders and the end of a turn meet at this row, one after the other: each finds what the last one left.
    held = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    if held.status != Session.Status.ACTIVE:
        raise SessionClosed(status=held.status)
    ending.release_if_over(held)
    if role == "user" and held.turn and _policy(held) == Session.Busy.REJECT:
        raise SessionBusy(turn=held.turn, retry_after=1.0)
    message = _written(held, content, role, attachments, metadata or {}, way=way or {})
    if role != "user":
        return Sent(message=message)
    interrupted = _interrupted(held) if held.turn and _policy(held) == Session.Busy.INTERRUPT else None
    if not held.turn:
        ending.take_turn(held, message)
    return Sent(message=message, interrupted=interrupted)


def _check(content: str, role: str, attachments: Sequence[Attachment]) -> None:
    if role not in ROLES:
        raise MessageInvalid(f"Who speaks is one of {', '.join(ROLES)}", pointer="/role")
    if not content.strip() and not attachments:
        raise MessageInvalid("Something must be said, or sent along", pointer="/content")
    if len(content) > LONGEST:
        raise MessageInvalid(f"A message has at most {LONGEST} characters", pointer="/content")
    if len(attachments) > MOST_FILES:
        raise MessageInvalid(f"A message has at most {MOST_FILES} files", pointer="/files")


def _policy(session: Session) -> str:
    return session.busy or str(settings.NEXUS_SESSION_BUSY)


def _written(
    session: Session,
    content: str,
    role: str,
    attachments: Sequence[Attachment],
    metadata: Mapping[str, Any],
    *,
    way: Mapping[str, str],
) -> Message:
    message = Message(
        public_id=ulid.after(session.last_id),
        session=session,
        role=role,
        content=tokens.clean(content),
        blocks=[{"kind": "attachment", "id": row.public_id, "type": row.kind, "name": row.name} for row in attachments],
        metadata=tokens.clean_json(dict(metadata)),
        way=dict(way),
        status=Status.QUEUED if role == "user" else Status.SAID,
    )
    message.save(force_insert=True)
    message.refresh_from_db(fields=("created_at",))
    title = {} if session.title else {"title": " ".join(message.content.split())[:60]}
    Session.objects.filter(pk=session.pk).update(
        message_count=F("message_count") + 1, last_id=message.public_id, last_active_at=Now(), **title
    )
    session.last_id = message.public_id
    return message


def _interrupted(session: Session) -> int | None:
    """End the turn that is under way: from here on it is nobody's, and what it still answers is not stored."""
    under_way = session.messages.filter(public_id=session.turn, status=Status.WORKING)
    run_id = under_way.values_list("run_id", flat=True).first()
    # Whoever waited behind it is interrupted too: what is said now is said to all of it.
    session.messages.filter(status=Status.QUEUED).exclude(public_id=session.last_id).update(status=Status.INTERRUPTED)
    under_way.update(status=Status.INTERRUPTED)
    Session.objects.filter(pk=session.pk, turn=session.turn).update(turn="")
    session.turn = ""
    return run_id
