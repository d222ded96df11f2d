"""Tickets: something is said in a conversation, answered when its turn comes, and asked for until it is there.

A conversation is a session: what is said through this door is found through that one, and one message is answered at a
time, with what was said before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound

from agents.sessions import opening, sending
from agents.sessions.models import Message, Session
from apps.accounts import access
from apps.accounts.access import Caller
from apps.api.errors import ReadOnlyMember
from nexus import engine
from nexus.transactions import requires_transaction
from workorders.models import Project

from .models import Completion
from .naming import Way
from .standing import Standing, look

PENDING, SUCCESS, FAILED = 0, 1, 2
STATUS = {"completed": SUCCESS, "failed": FAILED, "cancelled": FAILED}
TITLE_AT_MOST = 30
MOST_SAID = 1_000
"""Messages of a conversation that are shown: the newest."""
IMAGES = frozenset({"sd"})
"""Families whose models draw."""
FAILURE = "任务失败: {}"


def conversation(caller: Caller, public_id: str) -> Session:
    """The conversation, if the caller may see it. Unknown and somebody else's are the same 404."""
    found = access.sessions(caller).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such conversation.")
    return found


def conversation_to_change(caller: Caller, public_id: str) -> Session:
    """As `conversation`; 403 where the caller may only read."""
    found = conversation(caller, public_id)
    if not access.writable(caller).filter(pk=int(found.project)).exists():
        raise ReadOnlyMember(pointer="#/conversation_id")
    return found


@requires_transaction
def file(prompt: str, *, model: str, way: Way, caller: Caller, where: Session | Project) -> tuple[Completion, Session]:
    """Say it in a conversation, or in a new one of a project, which is then called by its beginning."""
    who = caller.user.get_username()
    title = " ".join(prompt.split())[:TITLE_AT_MOST]
    session = (
        where
        if isinstance(where, Session)
        else opening.begin_session(project=str(where.pk), agent=way.role, title=title, starter=who)
    )
    told = {"role": way.role, "model": way.model, "queue": way.queue}
    sent = sending.send(session, content=prompt, metadata={"model": model}, way=told)
    row = Completion.objects.create(
        public_id=str(uuid4()), shape=Completion.Shape.TICKET, project=session.project, requester=who[:200],
        model=model, shown={"family": way.family}, message=sent.message,
    )  # fmt: skip
    return row, session


def shown(row: Completion) -> dict[str, Any]:
    """A ticket, or any other request for an answer, as whoever asks for its status is told."""
    now, message = look(row), row.message
    status = STATUS.get(now.state, PENDING)
    return {
        "task_id": row.public_id,
        "conversation_id": message.session.public_id if message else None,
        "status": status,
        "task_type": "IMAGE" if row.shown.get("family") in IMAGES else "TEXT",
        "model": row.model,
        "prompt": message.content if message else None,
        "response_text": _text(now) if status == SUCCESS else None,
        "error_msg": why(now) if status == FAILED else None,
        "waiting_for": now.why.get("message") if status == PENDING else None,
        "cost_time": now.seconds if status != PENDING else None,
        "created_at": row.created_at.isoformat(),
    }


def history(session: Session) -> dict[str, Any]:
    """What was said, oldest first, each answer behind its question; what failed says so."""
    said = session.messages.exclude(role="system").filter(answers__isnull=True)
    asked = list(said.select_related("answer").order_by("-id")[:MOST_SAID])[::-1]
    if not asked:
        raise NotFound("Nothing was said in this conversation.")
    errors = _errors(asked)
    tickets = dict(Completion.objects.filter(message__in=asked).values_list("message", "public_id"))
    turns: list[dict[str, Any]] = []
    for message in asked:
        turns.append(_turn(message, message.content, tickets.get(message.pk)))
        answer = getattr(message, "answer", None)
        if answer is not None:
            turns.append(_turn(answer, answer.content, tickets.get(message.pk)))
        elif message.pk in errors:
            failed = FAILURE.format(errors[message.pk])
            turns.append(_turn(message, failed, tickets.get(message.pk)) | {"role": "assistant"})
    return {
        "conversation_id": session.public_id,
        "title": session.title,
        "created_at": session.created_at.isoformat(),
        "last_active_at": session.last_active_at.isoformat(),
        "history": turns,
    }


def why(now: Standing) -> str:
    """Why there is no answer."""
    return str(now.why.get("message") or _("The request was cancelled."))


def _text(now: Standing) -> str:
    if now.row.message is None:
        return now.text
    answer = Message.objects.filter(answers=now.row.message).first()
    return answer.content if answer else ""


def _turn(message: Message, content: str, ticket: str | None) -> dict[str, Any]:
    return {
        "role": message.role,
        "content": content,
        "task_id": ticket,
        "created_at": message.created_at.isoformat(),
    }


def _errors(asked: Iterable[Message]) -> dict[int, str]:
    """By message: why those that were not answered never will be."""
    runs = {message.run_id: message.pk for message in asked if message.run_id and not hasattr(message, "answer")}
    over = engine.tasks.filter(run_id__in=runs, run__state__in=(engine.RunState.FAILED, engine.RunState.CANCELLED))
    found = {
        runs[run_id]: str((error or {}).get("message") or _("The request was cancelled."))
        for run_id, error in over.values_list("run_id", "error")
    }
    gone = [one for one in asked if one.run_id is None and one.status == Message.Status.INTERRUPTED]
    return found | {one.pk: _("The request was cancelled.") for one in gone}
