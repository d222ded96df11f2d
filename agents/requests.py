"""What becomes of a physical request: INTENT -> SENT -> its end, with its money. The only writer of its state."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now

from agents import answers, charging, providers, statements, tokens
from agents.answers import Stored
from agents.charging import Bill
from agents.contracts import Trace
from agents.errors import ProviderError
from agents.models import ModelCall, ModelRequest
from agents.providers.base import ProviderAnswer
from agents.router import Link
from billing import money, reservations
from billing.models import Price
from nexus.errors import NexusError
from nexus.transactions import opens_transaction

State = ModelRequest.State
OPEN = (State.INTENT, State.SENT)


def settle(
    row: ModelRequest, answer: ProviderAnswer, bill: Bill, *, of: Sequence[Price] | None = None, final: bool = True
) -> Stored:
    """C: the money and the answer, in one commit. Not fenced: who lost the task has still spent the money.

    Its price is one `of` those that were listed when the reservation was made. An answer that is not `final` is booked
    and not kept: somebody else is asked the same.
    """
    try:
        return _settle(row, answer, bill, of, final=final)
    except IntegrityError:
        # Somebody took the very tier out of the book meanwhile: what the book says now.
        return _settle(row, answer, bill, None, final=final)


def _settle(
    row: ModelRequest, answer: ProviderAnswer, bill: Bill, of: Sequence[Price] | None, *, final: bool
) -> Stored:
    price, amount = charging.worth(row, bill, of=of)
    body = {
        **answers.said(answer),
        "model": row.model,
        "provider": row.provider,
        "role": row.role,
        "sandbox": row.sandbox,
        "input_tokens": bill.usage.prompt_tokens,
        "output_tokens": bill.usage.output_tokens,
        "cost_usd": money.text(amount),
    }
    kept = body if final else None
    if not statements.settle(row, answer, bill, kept, price=price, amount=amount):
        _settle_late(row, answer, bill, kept, price=price, amount=amount)
    return Stored(body=body, replayed=False)


@opens_transaction
def _settle_late(
    row: ModelRequest, answer: ProviderAnswer, bill: Bill, body: dict[str, Any] | None, *, price: Price, amount: Decimal
) -> None:
    """C, for a request that somebody took for dead and booked an estimate for."""
    # The request's row first, as everybody who closes one: two that meet wait here, before either holds money.
    _move(row, State.SETTLED, from_states=(State.SENT, State.UNKNOWN), bill=bill, trace=answer.trace())
    # Two executions may have asked side by side, one of them fenced. The first answer stays: it is what is replayed.
    if body is not None:
        ModelCall.objects.filter(pk=row.call_id, response__isnull=True).update(response=body, answered_at=Now())
    # Last, because every call of the project waits for its budget's row until this commits.
    charging.book(row, bill, price=price, amount=amount)


def declined(task_id: int, step: int, input_hash: str) -> set[Link]:
    """Who has answered this question and whose answer was not kept: they declined."""
    of_question = ModelRequest.objects.filter(call__task_id=task_id, call__step=step, call__input_hash=input_hash)
    asked = of_question.filter(state=State.SETTLED).values_list("provider", "model")
    return {Link(provider=provider, model=model) for provider, model in asked}


def close_left_behind(which: Q) -> int:
    """Close what earlier executions left open: what never arrived costs nothing, the rest is booked by estimate."""
    left = (
        ModelRequest.objects.filter(which, state__in=OPEN).select_related("call", "price").order_by("created_at", "id")
    )
    for row in left:
        if row.state == State.INTENT:
            close(row, State.UNBILLED, None, from_states=(State.INTENT,))
        elif _never_arrived(row):
            close(row, State.UNBILLED, None, from_states=(State.SENT,))
        else:
            close(row, State.UNKNOWN, charging.of_abandoned(row), from_states=(State.SENT,))
    return len(left)


def _never_arrived(row: ModelRequest) -> bool:
    """Whether the provider knows for sure that a request marked as sent never reached it.

    Its worker may have died between the mark and the first byte. Who cannot be asked may have been paid.
    """
    try:
        provider = providers.connect(row.provider)
    except NexusError:
        return False
    return provider.sandbox == row.sandbox and provider.received(row.pk) is False


@opens_transaction
def close(
    row: ModelRequest,
    state: State,
    bill: Bill | None,
    *,
    from_states: tuple[State, ...],
    trace: Trace | None = None,
    error: ProviderError | None = None,
) -> None:
    """End a request that brought no answer; nothing is done where somebody has closed it already."""
    # Its own worker, the next execution and upkeep may all come to close it. The state's UPDATE lets one of them
    # through; the others find it closed and leave money and holds alone.
    if not _move(row, state, from_states=from_states, bill=bill, trace=trace, error=error):
        return
    if bill is None:
        reservations.release(request_id=row.pk)
    else:
        price, amount = charging.worth(row, bill)
        charging.book(row, bill, price=price, amount=amount)


def _move(
    row: ModelRequest,
    state: State,
    *,
    from_states: tuple[State, ...],
    bill: Bill | None,
    trace: Trace | None,
    error: ProviderError | None = None,
) -> bool:
    known = trace or Trace()
    return bool(
        ModelRequest.objects.filter(pk=row.pk, state__in=from_states).update(
            state=state,
            closed_at=Now(),
            usage=None if bill is None else bill.stored(),
            http_status=known.http_status,
            provider_request_id=known.provider_request_id,
            error=None if error is None else {"code": error.code, "message": tokens.clean(str(error))},
        )
    )
