"""The doors of apps/gateway."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.people import Cast

from . import SECRET, Door, board, lists, own, shared

SHOWN = {
    "stream": False, "background": True, "instructions": None, "max_output_tokens": None, "text": {}, "tools": [],
    "tool_choice": "auto", "metadata": {},
}  # fmt: skip


def _filed(cast: Cast, shape: str) -> Mapping[str, object]:
    from django.db import transaction

    from agents.providers.messages import said
    from apps.accounts.access import Caller
    from apps.gateway import filing
    from apps.gateway.models import Completion
    from apps.gateway.naming import Way
    from apps.gateway.questions import Question

    with transaction.atomic():
        row = filing.file(
            Completion.Shape(shape), Question(turns=(said(SECRET),)), model="nexus/intern", way=Way(role="intern"),
            project=cast.acme, caller=Caller(user=cast.alice.user), shown=SHOWN,
        )  # fmt: skip
    return {"public_id": row.public_id}


def a_completion(cast: Cast) -> Mapping[str, object]:
    """A chat completion that nobody works on."""
    return _filed(cast, "chat")


def a_response(cast: Cast) -> Mapping[str, object]:
    """A response that nobody works on."""
    return _filed(cast, "response")


def a_ticket(cast: Cast) -> Mapping[str, object]:
    """A ticket that nobody works on, in a conversation."""
    from django.db import transaction

    from agents import roles
    from apps.accounts.access import Caller
    from apps.gateway import tickets
    from apps.gateway.naming import Way

    roles.install()
    with transaction.atomic():
        row, session = tickets.file(
            SECRET, model="x", way=Way(role="intern"), caller=Caller(user=cast.alice.user), where=cast.acme
        )
    return {"public_id": row.public_id, "session_id": session.public_id}


ASKED = [{"role": "user", "content": "x"}]

DOORS: dict[str, Door] = {
    "api/chat": lists(says={"message": "x"}, own=True),
    "api/v2/system-log": board(),
    # Of a model that nobody offers: an answer would have to be waited for.
    "v1/chat/completions": lists(says={"model": "nobodys", "messages": ASKED}, committed=True),
    "v1/chat/completions/<slug:public_id>": own(a_completion),
    "v1/responses": lists(says={"model": "nobodys", "input": "x"}, committed=True),
    "v1/responses/<slug:public_id>": own(a_response),
    "v1/responses/<slug:public_id>/cancel": own(a_response),
    "v1/tasks/<str:public_id>": own(a_ticket),
    "v1/conversations/<str:session_id>/history": own(a_ticket),
    "v1/models": shared(),
    "v1/models/<path:name>": shared(),
}
