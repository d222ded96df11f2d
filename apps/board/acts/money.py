"""Raise what may be spent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.board import words
from billing import budgets, parked
from workorders import limits
from workorders.models import WorkOrder

from .act import Act, Target
from .forms import Limit

MAY = "billing.change_budget"


def find(scope: str) -> Target | None:
    """The budget of this scope: `order/WO-…`, `project/12` (its number), `role/ceo`, `day/2026-11-22`."""
    kind, _slash, key = scope.partition("/")
    if kind not in budgets.KINDS or not 0 < len(key) <= 128 or not key.isprintable():
        return None
    waits = next((one for one in parked.waiting() if (one.kind, one.key) == (kind, key)), None)
    if waits is None:
        return _of_order(key) if kind == "order" else None
    slugs = limits.slugs_of([waits])
    shown = limits.shown(kind, key, slugs)
    facts = [
        (gettext("Limit"), words.dollars(waits.limit)), (gettext("Spent"), words.dollars(waits.spent)),
        (gettext("Reserved"), words.dollars(waits.reserved)),
        (gettext("Needed by one call"), words.dollars(waits.needed)),
        (gettext("Tasks"), waits.tasks), (gettext("Orders"), waits.runs),
    ]  # fmt: skip
    enough = waits.spent + waits.reserved + waits.needed_in_all
    return Target(
        title=f"{words.WORDS[kind]} {shown}", back=reverse("admin:billing_waiting"), facts=facts,
        initial={"limit_usd": f"{enough:.9f}"}, order=key if kind == "order" else "",
        project=key if kind == "project" else "", row=(kind, shown),
    )  # fmt: skip


def _of_order(public_id: str) -> Target | None:
    """An order that waits for nothing may get another limit all the same."""
    row = WorkOrder.objects.named(public_id).first()
    if row is None:
        return None
    stands = limits.standing(kind="order", key=public_id)
    total = stands.total
    return Target(
        title=public_id, back=reverse("admin:workorders_workorder_change", args=[row.pk]), order=public_id,
        project=str(row.project_id), row=("order", public_id), initial={"limit_usd": "" if total is None else total},
        facts=[(gettext("Limit"), gettext("no limit") if total is None else words.dollars(total)),
               (gettext("Spent"), words.dollars(stands.used))],
    )  # fmt: skip


def _raise(target: Target, request: HttpRequest, said: dict[str, Any]) -> str:
    kind, key = target.row
    limits.change(kind=kind, key=key, limit=said["limit_usd"], actor=request.user.get_username(), reason=said["reason"])
    return gettext("The limit is set. What waits for it goes on by itself.")


ACTS = (
    Act(noun="budget", name="raise", title=_("Raise the budget"), permission=MAY, action="budget.changed", find=find,
        do=_raise, form=Limit,
        explains=_("What waits goes on by itself: the most urgent first, then the oldest, as much as fits.")),
)  # fmt: skip
