"""What must always hold of model requests and the money they hold."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from agents.models import ModelRequest
from billing.models import Hold
from nexus import engine

OPEN = (ModelRequest.State.INTENT, ModelRequest.State.SENT)


@engine.invariant("holds_without_request", what="open holds whose request is closed or was never made")
def holds_without_request() -> int:
    """Only a request that is under way holds a part of a budget."""
    under_way = ModelRequest.objects.filter(pk=OuterRef("request_id"), state__in=OPEN)
    return Hold.objects.filter(~Exists(under_way), open=True).count()
