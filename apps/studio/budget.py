"""What a film may cost, how that stands, where it is heading, and what it works with then."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.db.models import Sum

from billing import money, outlook
from billing.conf import thresholds
from billing.models import Budget, LedgerEntry
from billing.outlook import Status

from .models import QUALITIES, Film

PER_SECOND: Final = Decimal("3.0")
FACTORS: Final = {"high": Decimal("1.5"), "balanced": Decimal("1.0"), "fast": Decimal("0.6")}


def allocation(seconds: int, quality: str) -> Decimal:
    """What a film of this length and quality is given, where nobody says another amount."""
    return seconds * PER_SECOND * FACTORS.get(quality, FACTORS["balanced"])


def stepped(quality: str, *, used: Decimal, total: Decimal | None, at: Decimal = Decimal("0.8")) -> str:
    """One quality lower once so much is used; the lowest stays, and an unknown one is balanced."""
    if quality not in QUALITIES:
        return "balanced"
    if total is None or not total or used / total < at:
        return quality
    return QUALITIES[min(QUALITIES.index(quality) + 1, len(QUALITIES) - 1)]


def done_of(film: Film) -> Fraction | None:
    """Completed shots out of all; None before there are any."""
    whole = film.shots.count()
    return Fraction(film.shots.exclude(final="").count(), whole) if whole else None


def standing(film: Film) -> tuple[Decimal | None, Decimal, Decimal]:
    """Limit, spent, reserved."""
    row = Budget.objects.filter(kind="order", key=film.order.public_id).first()
    return (None, money.ZERO, money.ZERO) if row is None else (row.limit, row.spent, row.reserved)


def status(film: Film) -> Status:
    """How the film's budget stands and where it is heading, by its shots."""
    total, used, reserved = standing(film)
    return outlook.status(total=total, used=used, reserved=reserved, done=done_of(film), at=thresholds())


def breakdown(film: Film) -> dict[str, str]:
    """What was spent, by the agent or role that spent it."""
    lines = LedgerEntry.objects.filter(order=film.order.public_id).order_by("role").values_list("role")
    return {role: money.text(amount) for role, amount in lines.annotate(Sum("amount"))}


def wire(film: Film) -> dict[str, Any]:
    """Everything about it, as JSON."""
    found = status(film)
    left = max(money.ZERO, found.predicted_total - found.used)
    return {
        **found.wire(),
        "project_id": film.name,
        "spent": money.text(found.used),
        "estimated_remaining": money.text(left),
        "breakdown": breakdown(film),
        "quality": film.quality,
        "strategy": film.strategy,
        "allocation": money.text(allocation(film.duration_seconds, film.quality)),
    }
