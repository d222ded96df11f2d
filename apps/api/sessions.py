"""From a request to a conversation: the one way to find, to begin, to speak and to list for a caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from agents.attachments.models import Attachment
from agents.sessions import opening, sending
from agents.sessions.models import Message, Session
from apps.accounts import access
from apps.accounts.access import Caller, caller_of, writable
from billing import money, reports
from workorders.models import Project

from . import envelope, orders, pages, parameters
from .errors import ReadOnlyMember
from .idempotency import Answer

STATUSES = [status.value for status in Session.Status]


def find(request: Request, session_id: str) -> Session:
    """Return the conversation if the caller may see it. Unknown and somebody else's are the same 404."""
    session = access.sessions(caller_of(request)).filter(public_id=session_id).first()
    if session is None:
        raise NotFound("There is no such session.")
    return session


def find_to_change(request: Request, session_id: str) -> Session:
    """Return the conversation if the caller may speak in it: 404 when they may not see it, 403 when they only may."""
    session = find(request, session_id)
    if not writable(caller_of(request)).filter(pk=int(session.project)).exists():
        raise ReadOnlyMember
    return session


def begun(given: Mapping[str, Any], caller: Caller) -> Answer:
    """Begin a conversation for `caller`, inside the caller's transaction."""
    project = orders.project_of(orders.reach_of(caller), given.get("project"))
    session = opening.begin_session(
        project=str(project.pk),
        agent=given["agent_id"],
        title=given["display_name"],
        busy=given["busy_policy"],
        starter=caller.user.get_username(),
        metadata=given["metadata"],
    )
    return Answer(201, view(session, project.slug), f"/api/v2/sessions/{session.public_id}")


def said(session: Session, given: Mapping[str, Any], attachments: Sequence[Attachment]) -> Answer:
    """Say something for the caller, inside their transaction; what it interrupts is stopped after the commit."""
    sent = sending.send(
        session,
        content=given["content"],
        role=given["role"],
        attachments=attachments,
        metadata=given["metadata"],
    )
    transaction.on_commit(lambda: opening.stop(sent.interrupted, reason="interrupted"), robust=True)
    message = message_view(sent.message)
    location = f"/api/v2/sessions/{session.public_id}/messages"
    return Answer(201, message, location)


def closed(session: Session) -> None:
    """End a conversation, inside the caller's transaction."""
    run_id = opening.close_session(session)
    transaction.on_commit(lambda: opening.stop(run_id, reason="closed"), robust=True)


def page_of(request: Request, agent_id: str | None = None) -> Response:
    """List what the caller may see, newest first."""
    query = request.query_params
    parameters.only(query, ("cursor", "page_size", "status", "project"))
    rows = access.sessions(caller_of(request))
    if (status := parameters.one_of(query, "status", STATUSES)) is not None:
        rows = rows.filter(status=status)
    if (slug := query.get("project")) is not None:
        rows = rows.filter(
            project__in=[str(pk) for pk in Project.objects.filter(slug=slug[:64]).values_list("pk", flat=True)]
        )
    if agent_id is not None:
        rows = rows.filter(Q(agent=agent_id) | Q(agent="", role=agent_id))
    page = pages.cut(rows, request, of=f"sessions:{agent_id or ''}")
    slugs = _slugs(page.rows)
    costs = reports.of_orders([session.public_id for session in page.rows])
    lines = [
        view(session, slugs.get(session.project, ""), costs.get(session.public_id, reports.NOTHING))
        for session in page.rows
    ]
    return envelope.listed(request, page, lines, total=rows.count())


def history_of(request: Request, session: Session) -> Response:
    """A page of what was said, newest first."""
    parameters.only(request.query_params, ("cursor", "page_size"))
    rows = session.messages.select_related("session", "answers")
    page = pages.cut(rows, request, of=f"messages:{session.public_id}")
    return envelope.listed(request, page, [message_view(row) for row in page.rows], total=session.message_count)


def shown(session: Session) -> dict[str, Any]:
    """One conversation, with what it has cost."""
    return view(session, _slugs([session]).get(session.project, ""), reports.of_order(session.public_id))


def view(session: Session, slug: str, spent: reports.Totals = reports.NOTHING) -> dict[str, Any]:
    """A conversation as it is shown."""
    return {
        "session_id": session.public_id,
        "agent_id": session.agent or session.role,
        "project": slug,
        "user_id": session.starter,
        "display_name": session.title,
        "status": session.status,
        "busy": bool(session.turn),
        "busy_policy": session.busy or None,
        "message_count": session.message_count,
        "created_at": session.created_at.isoformat(),
        "last_active_at": session.last_active_at.isoformat(),
        "metadata": session.metadata,
        "cost_usd": money.text(spent.cost_usd),
        "tokens": {"input": spent.input_tokens, "output": spent.output_tokens},
    }


def message_view(message: Message) -> dict[str, Any]:
    """Something that was said, as it is shown."""
    return {
        "message_id": message.public_id,
        "session_id": message.session.public_id,
        "role": message.role,
        "content": message.content,
        "status": message.status,
        "answers": message.answers.public_id if message.answers else None,
        "created_at": message.created_at.isoformat(),
        "metadata": message.metadata,
        "files": [
            {"file_id": block["id"], "filename": block["name"], "kind": block["type"]}
            for block in message.blocks
            if block["kind"] == "attachment"
        ],
    }


def _slugs(sessions: Sequence[Session]) -> dict[str, str]:
    numbers = {int(session.project) for session in sessions}
    return {str(pk): slug for pk, slug in Project.objects.filter(pk__in=numbers).values_list("pk", "slug")}
