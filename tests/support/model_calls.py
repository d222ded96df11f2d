"""Model calls for tests: a claimed task's own context, a sandbox over a real socket, and what both journals say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection, transaction

from agents import calls
from agents.models import ModelRequest
from apps.sandbox.remote import Remote
from billing.models import LedgerEntry
from nexus import engine
from nexus.tasks import transitions
from nexus.upkeep.rescuer import rescue_once
from tests.support.runs import ALICE, MALLORY, claimed, spec, submitted
from tests.support.spending import check_books

ASKS = ("/v1/messages", "/v1/responses", "/v1/chat/completions")
PROMPT = "<request>A release checklist for a Django service</request>"
SCHEMA = {
    "type": "object",
    "properties": {"verdict": {"type": "string"}, "score": {"type": "integer"}},
    "required": ["verdict", "score"],
    "additionalProperties": False,
}


def an_execution(**given: Any) -> engine.Context:
    """The context of a task that was just claimed."""
    run = submitted(spec("one", **given))
    return engine.Context(claim=claimed(run, "one", MALLORY))


def taken_again(earlier: engine.Context) -> engine.Context:
    """The same task after its lease ran out and somebody else claimed it. `earlier` is a zombie now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE nexus_lease SET expires_at = now() - interval '1 hour' WHERE task_id = %s", [earlier.task_id]
        )
    assert rescue_once() == 1
    engine.tasks.filter(pk=earlier.task_id).update(not_before="2000-01-01T00:00Z")
    with transaction.atomic():
        transitions.lock_run(earlier.run_id)
        assert transitions.make_ready(earlier.run_id, [earlier.task_id]) == 1
    held = transitions.claim(earlier.task_id, ALICE)
    assert held is not None
    assert held.fence > earlier.fence
    return engine.Context(claim=held)


def ask(context: engine.Context, prompt: str = PROMPT, **given: Any) -> calls.Answer:
    """Ask the intern."""
    return calls.call(context, **({"role": "intern", "step": 1, "system": "Be brief.", "prompt": prompt} | given))


def rested() -> None:
    """As if every model that is left alone for a while had been, for long enough."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter("nx:model:*:breaker"):
            client.delete(key)


def requests() -> list[ModelRequest]:
    """Every physical request, oldest first."""
    return list(ModelRequest.objects.order_by("created_at", "number"))


def states() -> list[str]:
    """Where each of them stands."""
    return [request.state for request in requests()]


def lines() -> list[LedgerEntry]:
    """The ledger, oldest first."""
    return list(LedgerEntry.objects.order_by("id"))


def check_journals(sandbox: Remote) -> None:
    """What the provider received is what the ledger has: one charge each. Nothing is reserved any more."""
    asked = [entry for entry in sandbox.journal() if entry["path"] in ASKS]
    received = sorted(UUID(entry["request_id"]) for entry in asked)
    booked = sorted(line.request_id for line in lines() if line.kind == "CHARGE")
    assert received == booked
    check_books()
    assert not ModelRequest.objects.filter(state__in=("INTENT", "SENT")).exists()
