"""The statements of a model call: SQL functions kept in sql/hot, one file each, installed by the migrations.

One call is one round trip and, outside a transaction, one commit.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import models

from agents import charging
from agents.answers import Stored
from agents.charging import Bill
from agents.models import ModelCall, ModelRequest, Role
from agents.providers.base import ProviderAnswer
from agents.stepping import Taken
from billing import ledger, pricebook, reservations
from billing.budgets import Scope
from billing.figures import LIST
from billing.models import Price
from billing.reservations import Standing
from nexus import engine
from nexus.statements import one
from nexus.transactions import commits_by_itself

HOT: Final = Path(__file__).parent / "sql" / "hot"
LOOK: Final = "SELECT * FROM agents_look(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
INTEND: Final = "SELECT * FROM agents_intend(%s, %s, %s, %s::jsonb, %s::jsonb, %s, %s, %s)"
LET_GO: Final = "SELECT agents_let_go(%s, %s, %s, %s)"
SETTLE: Final = "SELECT agents_settle(%s, %s, %s::jsonb, %s, %s, %s::jsonb, %s::jsonb, %s)"
FULL, ANSWERED, LEFT = "full", "answered", "left"


@dataclass(frozen=True, kw_only=True)
class Book:
    """The mark of a provider's prices."""

    provider: str
    mark: str

    def prices_of(self, provider: str) -> Sequence[Price] | None:
        """Its prices; None for another provider, whose mark was not asked for."""
        return pricebook.listed(provider, mark=self.mark) if provider == self.provider else None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What there is for a question, at one moment."""

    has_left: bool
    """Requests are still open that have to be closed before anything is asked."""
    response: dict[str, Any] | None
    role: Role | None
    lower: Role | None
    """The role that it steps down to near the end of a budget, and, where there is one, how its budgets stand."""
    taken: Sequence[Taken]
    book: Book


def look(context: engine.Context, *, step: int, input_hash: str, role: str, scopes: Collection[Scope]) -> Seen:
    """See sql/hot/10_look.sql. Raise what `context` raises where this execution may not go on."""
    held = (context.task_id, context.run_id, context.fence)
    params = [*held, step, input_hash, role, LIST, *reservations.apart(scopes)]
    verdict, response, found, lower, taken, mark = one(LOOK, params)
    context.obey(verdict)
    known = _role(found)
    return Seen(
        has_left=verdict == LEFT,
        response=None if response is None else json.loads(response),
        role=known,
        lower=_role(lower),
        taken=[(limit, spent) for limit, spent in json.loads(taken or "[]", parse_float=Decimal)],
        book=Book(provider=known.provider if known else "", mark=mark or ""),
    )


def _role(told: str | None) -> Role | None:
    return None if told is None else Role(**json.loads(told))


@commits_by_itself
def intend(
    context: engine.Context, call: ModelCall, request: ModelRequest, *, scopes: Collection[Scope], amount: Decimal
) -> list[Standing] | Stored:
    """A. See sql/hot/20_intend.sql. Write both rows, give them their numbers; return the budgets as they are then.

    Or the stored answer, where there is one. Raise BudgetExceeded, or what `context` raises: then nothing is written.
    """
    held = (context.task_id, context.run_id, context.fence)
    params = [*held, _columns(call), _columns(request), *reservations.apart(scopes), amount]
    verdict, response, call.pk, request.number, full, standings = one(INTEND, params)
    context.obey(verdict)
    if verdict == FULL:
        raise reservations.exceeded(full, amount)
    if verdict == ANSWERED:
        return Stored(body=json.loads(response), replayed=True)
    request.call = call
    request.state = ModelRequest.State.INTENT
    return reservations.standings(standings)


@commits_by_itself
def let_go(context: engine.Context, request_id: UUID) -> None:
    """B. See sql/hot/30_let_go.sql. Raise what `context` raises where the request must not leave."""
    (verdict,) = one(LET_GO, [context.task_id, context.run_id, context.fence, request_id])
    context.obey(verdict)


@commits_by_itself
def settle(
    row: ModelRequest, answer: ProviderAnswer, bill: Bill, body: dict[str, Any] | None, *, price: Price, amount: Decimal
) -> bool:
    """C. See sql/hot/40_settle.sql. False, and nothing is written, when the request was charged before.

    Without a `body` the request is booked, and its question stays without an answer.
    """
    line = ledger.line(**charging.facts(row, bill, price=price, amount=amount))
    trace = answer.trace()
    kept = None if body is None else json.dumps(body)
    told = (json.dumps(bill.stored()), trace.http_status, trace.provider_request_id, kept)
    (settled,) = one(SETTLE, [row.pk, row.call_id, *told, line, settings.TIME_ZONE])
    return bool(settled)


def _columns(row: models.Model) -> str:
    """The row as JSON, by column."""
    values = row.__dict__
    return json.dumps({column: values.get(name) for name, column in _names(type(row))}, default=_plain)


def _plain(value: object) -> str | None:
    """What JSON has no form for; a default of the database is the statement's business."""
    return None if isinstance(value, models.expressions.DatabaseDefault) else str(value)


@cache
def _names(model: type[models.Model]) -> tuple[tuple[str, str], ...]:
    return tuple((field.attname, field.column or field.attname) for field in model._meta.concrete_fields)
