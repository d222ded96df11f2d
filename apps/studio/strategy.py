"""What a film works with now: its quality, or one lower since its budget is nearly used; and who is told."""

from __future__ import annotations

from typing import Any

from billing.conf import thresholds
from nexus import engine

from . import budget
from .models import Film

Said = tuple[str, dict[str, Any]]


def quality(film: Film) -> str:
    """The quality of what is made next; written down where it has changed."""
    total, used, reserved = budget.standing(film)
    found = budget.stepped(film.quality, used=used + reserved, total=total, at=thresholds().step_down)
    if found != film.strategy:
        Film.objects.filter(pk=film.pk).update(strategy=found)
    return found


def warnings(context: engine.Context, film: Film) -> list[Said]:
    """What the film's spending has brought about by now: a warning, an end, another quality; each is said once."""
    total, used, _ = budget.standing(film)
    if not total or used / total < thresholds().step_down:
        return []
    facts = {"total": str(total), "used": str(used), "usage_percent": float(round(used / total * 100, 2))}
    found: list[Said] = [("COST_OVERRUN_WARNING", facts)]
    if used >= total:
        found.append(("BUDGET_EXCEEDED", facts))
    now = budget.stepped(film.quality, used=used, total=total, at=thresholds().step_down)
    if now != film.quality:
        found.append(("STRATEGY_UPDATE", {**facts, "from": film.quality, "to": now}))
    # Nobody has said so; or this task has, before its worker died.
    others = film.events.filter(type__in=[name for name, _ in found]).exclude(task_id=context.task_id)
    said = set(others.values_list("type", flat=True))
    return [one for one in found if one[0] not in said]
