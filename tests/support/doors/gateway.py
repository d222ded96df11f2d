"""The doors of apps/gateway."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.people import Cast

from . import SECRET, Door, lists, own, shared


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
            project=cast.acme, caller=Caller(user=cast.alice.user), shown={},
        )  # fmt: skip
    return {"public_id": row.public_id}


def a_completion(cast: Cast) -> Mapping[str, object]:
    """A chat completion that nobody works on."""
    return _filed(cast, "chat")


ASKED = [{"role": "user", "content": "x"}]

DOORS: dict[str, Door] = {
    "api/chat": lists(says={"message": "x"}, own=True),
    # Of a model that nobody offers: an answer would have to be waited for.
    "v1/chat/completions": lists(says={"model": "nobodys", "messages": ASKED}, committed=True),
    "v1/chat/completions/<slug:public_id>": own(a_completion),
    "v1/models": shared(),
    "v1/models/<path:name>": shared(),
}
