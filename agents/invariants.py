"""What must always hold of model requests and the money they hold."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from agents.models import ModelRequest
from billing import reservations
from billing.models import Hold
from nexus import engine

log = logging.getLogger("nexus.agents")
OPEN = (ModelRequest.State.INTENT, ModelRequest.State.SENT)


def let_go() -> int:
    """Let go of what is held for no request; return how many requests that were."""
    return sum(_let_go(request_id) for request_id in sorted(set(_left().values_list("request_id", flat=True))))


@transaction.atomic
def _let_go(request_id: UUID) -> bool:
    # A hold and its request are written together, and closed together under the request's row: whoever is between
    # the two has that row, and once we have it a hold that is still open is nobody's.
    ModelRequest.objects.select_for_update(no_key=True).filter(pk=request_id).first()
    if not _left().filter(request_id=request_id).exists():
        return False
    reservations.release(request_id=request_id)
    log.warning("repaired holds_without_request: %s is let go", request_id)
    return True


@engine.invariant("holds_without_request", what="open holds whose request is closed or was never made", repair=let_go)
def holds_without_request() -> int:
    """Only a request that is under way holds a part of a budget."""
    return _left().count()


def _left() -> QuerySet[Hold]:
    under_way = ModelRequest.objects.filter(pk=OuterRef("request_id"), state__in=OPEN)
    return Hold.objects.filter(~Exists(under_way), open=True)
