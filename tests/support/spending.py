"""Requests for tests of money: reserved and booked through the public verbs, without a provider."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from billing import ledger, pricebook, reservations
from billing.models import Budget, Hold, LedgerEntry
from billing.prices import Usage

SCOPES = (("project", "acme"), ("order", "WO-1"), ("role", "ceo"), ("day", "2026-11-22"))
SOME = Usage(input_tokens=1000, output_tokens=100)


def reserved(amount: str, *, scopes: tuple[tuple[str, str], ...] = SCOPES) -> UUID:
    """A request that holds `amount`, committed."""
    request_id = uuid4()
    with transaction.atomic():
        reservations.reserve(request_id=request_id, scopes=scopes, amount=Decimal(amount))
    return request_id


def charged(request_id: UUID, amount: str, **given: Any) -> bool:
    """Book a charge, committed; say whether a line was written."""
    price = pricebook.price_of("anthropic", "claude-opus-5-5", timezone.now(), 1)
    facts: dict[str, Any] = {
        "quality": "reported", "price_id": price.pk, "provider": "anthropic", "model": "claude-opus-5-5", "role": "ceo",
        "project": "acme", "order": "WO-1", "run_id": 1, "task_id": 7, "task_key": "plan", "usage": SOME,
    }  # fmt: skip
    with transaction.atomic():
        return ledger.charge(request_id=request_id, amount=Decimal(amount), **(facts | given))


def released(request_id: UUID) -> None:
    """Let go, committed."""
    with transaction.atomic():
        reservations.release(request_id=request_id)


def adjusted(request_id: UUID, amount: str, usage: Usage = SOME) -> bool:
    """Correct a charge, committed; say whether a line was written."""
    with transaction.atomic():
        return ledger.adjust(request_id=request_id, amount=Decimal(amount), quality="reported", usage=usage)


def budget(kind: str = "order", key: str = "WO-1") -> Budget:
    """A budget as the database has it now."""
    return Budget.objects.get(kind=kind, key=key)


def standing(kind: str = "order", key: str = "WO-1") -> reservations.Standing:
    """A budget as a reservation would have told of it now."""
    one = budget(kind, key)
    return reservations.Standing(
        id=one.pk, kind=kind, key=key, limit=one.limit, spent=one.spent, reserved=one.reserved,
        is_warned=one.warned_at is not None, is_critical=one.critical_at is not None,
    )  # fmt: skip


def check_books() -> None:
    """Every budget agrees with its holds and with the ledger: the invariants of money."""
    for one in Budget.objects.all():
        holds = Hold.objects.filter(budget=one)
        held = sum((hold.amount for hold in holds if hold.open), Decimal(0))
        lines = LedgerEntry.objects.filter(request_id__in=holds.values("request_id"))
        spent = sum((line.amount for line in lines), Decimal(0))
        assert (one.reserved, one.spent) == (held, spent), f"{one} does not agree with its holds and lines"
