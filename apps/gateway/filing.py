"""A request for an answer becomes a row and a run of one task, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from rest_framework.request import Request

from agents import tokens
from apps.accounts.access import Caller, caller_of
from apps.api import orders
from nexus import engine
from nexus.transactions import requires_transaction
from workorders.models import Project

from . import answering
from .models import Completion
from .naming import Way
from .questions import Question

Shape = Completion.Shape
PREFIXES = {Shape.CHAT: "chatcmpl-", Shape.RESPONSE: "resp_"}


def project_of(request: Request) -> Project:
    """The project that the request is for: the one in OpenAI's own header, the key's, the only one, or `default`."""
    return orders.project_of(orders.reach_of(caller_of(request)), request.headers.get("OpenAI-Project"))


@requires_transaction
def file(
    shape: Completion.Shape,
    question: Question,
    *,
    model: str,
    way: Way,
    project: Project,
    caller: Caller,
    shown: Mapping[str, Any],
    previous: Completion | None = None,
) -> Completion:
    """Write the request and the run that answers it; a dead task ends the run."""
    public_id = f"{PREFIXES[shape]}{uuid4().hex}"
    spec = engine.TaskSpec(
        key="answer", type=answering.TYPE, queue=way.queue, title="Answer a request",
        input={"role": way.role} | ({"model": way.model} if way.model else {}),
    )  # fmt: skip
    run = engine.submit(tenant=str(project.pk), subject=public_id, tasks=(spec,), on_failure="fail")
    return Completion.objects.create(
        public_id=public_id,
        shape=shape,
        project=str(project.pk),
        requester=caller.user.get_username()[:200],
        model=model,
        run_id=run.pk,
        asked=tokens.clean_json(question.as_json()),
        shown=dict(shown),
        previous=previous,
    )
