"""From a request's end to its ledger line: which usage is believed, at which price, with which quality."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

from agents import tokens
from agents.contracts import Fate, Trace
from agents.models import ModelRequest
from agents.providers import messages, sizes
from agents.providers.base import ProviderAnswer, ProviderRequest
from billing import ledger, money, pricebook, prices
from billing.errors import UnknownPrice
from billing.models import Price
from billing.prices import Usage

log = logging.getLogger(__name__)

ABSURD = 10
"""How many times the bound a reported count may be before it is taken for an error of the provider."""
NOTHING = Usage(input_tokens=0, output_tokens=0)


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What is to be booked."""

    usage: Usage
    quality: Literal["reported", "estimated"]
    amount: Decimal | None = None
    """None: what the usage costs. Set where the amount is known without it."""

    def stored(self) -> dict[str, object]:
        """As the request keeps it."""
        return {**asdict(self.usage), "quality": self.quality}


def of_answer(row: ModelRequest, request: ProviderRequest, answer: ProviderAnswer) -> Bill:
    """A complete answer: what was reported, explicit zeros included; an estimate where that is missing or absurd."""
    if answer.usage is None or _counts_other_things(answer.usage, row):
        written = max(tokens.likely(*map(str, messages.blocks_as_json(answer.blocks))), 1)
        return _estimate(row, request, answer.seen_input_tokens or None, output_tokens=written)
    within = _within(answer.usage, row, times=ABSURD)
    if not within:
        log.error("usage out of all bounds request=%s reported=%s: booked at its bound", row.pk, answer.usage)
        return of_abandoned(row)
    if not _within(answer.usage, row, times=1):
        log.warning("usage above what was reserved request=%s reported=%s", row.pk, answer.usage)
    return Bill(usage=answer.usage, quality="reported")


def of_failure(row: ModelRequest, request: ProviderRequest, trace: Trace, *, received: str) -> Bill | None:
    """A request that brought no answer; None when there is nothing to book, because nothing left."""
    match trace.fate:
        case Fate.NOT_SENT:
            return None
        case Fate.REFUSED:
            return Bill(usage=NOTHING, quality="reported", amount=money.ZERO)
        case Fate.UNKNOWN:
            # Booked at once, not when the truth is known: an open hold would shut others out of the budget, and a line
            # that is written later can be forgotten. Should the provider's report arrive after all, a line adjusts it.
            reported = trace.usage or NOTHING
            written = max(tokens.likely(received), reported.output_tokens)
            return _estimate(row, request, reported.prompt_tokens or None, output_tokens=written)


def of_abandoned(row: ModelRequest) -> Bill:
    """A request whose worker died: nobody saw how far the answer got, so it is booked at the most it can have cost.

    Anything less might let a budget be overrun.
    """
    bound = _of_what_is_priced(row, row.max_input_tokens, row.max_output_tokens)
    return Bill(usage=bound, quality="estimated", amount=row.max_cost)


def worth(row: ModelRequest, bill: Bill, *, of: Sequence[Price] | None = None) -> tuple[Price, Decimal]:
    """What a bill comes to, and the price that makes it so: one `of` those that were listed, else of the book's."""
    price = _price(row, bill, of)
    return price, prices.cost(price, bill.usage) if bill.amount is None else bill.amount


def book(row: ModelRequest, bill: Bill, *, price: Price, amount: Decimal) -> None:
    """Write the line of this request, or correct the one it has. In the caller's transaction."""
    booked = ledger.charge(**facts(row, bill, price=price, amount=amount))
    if not booked and bill.quality == "reported":
        # Somebody took this request for dead and booked an estimate. What the provider reports replaces it.
        ledger.adjust(request_id=row.pk, amount=amount, quality=bill.quality, usage=bill.usage)


def facts(row: ModelRequest, bill: Bill, *, price: Price, amount: Decimal) -> dict[str, Any]:
    """What the ledger wants to know of a charge."""
    return {
        "request_id": row.pk,
        "amount": amount,
        "quality": bill.quality,
        "price_id": price.pk,
        "provider": row.provider,
        "model": row.model,
        "role": row.role,
        "project": row.call.project,
        "order": row.call.order,
        "run_id": row.call.run_id,
        "task_id": row.call.task_id,
        "task_key": row.call.task_key,
        "usage": bill.usage,
    }


def _price(row: ModelRequest, bill: Bill, of: Sequence[Price] | None) -> Price:
    """The tier the real prompt falls in, at the moment the reservation was made."""
    if bill.amount is not None:
        return row.price
    try:
        return pricebook.price_of(row.provider, row.model, row.created_at, bill.usage.prompt_tokens, of=of)
    except UnknownPrice:
        # Somebody took the price out of the book meanwhile. It was there when the request was let go.
        return row.price


def _estimate(row: ModelRequest, request: ProviderRequest, seen_input: int | None, *, output_tokens: int) -> Bill:
    sent = sizes.likely(request) if seen_input is None else seen_input
    usage = _of_what_is_priced(row, sent, min(output_tokens, request.max_tokens))
    return Bill(usage=usage, quality="estimated")


def _of_what_is_priced(row: ModelRequest, input_tokens: int, output_tokens: int) -> Usage:
    """What was used, as far as its price asks: a recording is paid by its length or by its tokens, not by both."""
    if row.max_heard_ms and row.price.minute:
        return Usage(input_tokens=0, output_tokens=0, heard_ms=row.max_heard_ms)
    return Usage(input_tokens=input_tokens, output_tokens=output_tokens)


def _counts_other_things(usage: Usage, row: ModelRequest) -> bool:
    """Whether a recording is counted in tokens and priced by the minute, or the other way about."""
    if row.price.minute:
        return usage.heard_ms == 0 and usage.prompt_tokens > 0
    return usage.heard_ms > 0 and row.price.input > 0


def _within(usage: Usage, row: ModelRequest, *, times: int) -> bool:
    in_bounds = usage.prompt_tokens <= row.max_input_tokens * times and usage.heard_ms <= row.max_heard_ms * times
    return in_bounds and usage.output_tokens <= row.max_output_tokens * times
