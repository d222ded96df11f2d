"""The Board's first page: everything that needs a person, with why, since when, who may act, and the buttons."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from workorders.inbox.count import count
from workorders.inbox.gather import gather
from workorders.inbox.item import Item, Kind
from workorders.models import Project, WorkOrder

from . import words
from .acts.known import buttons

MINUTE, HOUR, DAY = 60, 3_600, 86_400
LOOKS: dict[Kind, str] = {
    "approval": "nexus.view_approval",
    "question": "workorders.view_workorder",
    "money": "billing.view_budget",
    "failure": "nexus.view_deadletter",
    "effect": "nexus.view_effect",
    "call": "workorders.view_workorder",
    "wait": "workorders.view_workorder",
}
"""Who may see what of the inbox: whoever may see the rows."""
ON_ORDER: dict[Kind, list[str]] = {
    "approval": [],
    "question": ["respond", "escalate", "cancel"],
    "money": ["cancel"],
    "failure": ["requeue", "escalate", "cancel"],
    "effect": [],
    "call": ["resume", "cancel"],
    "wait": ["release", "escalate", "cancel"],
}
"""What may be told to the order that a line is about."""


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the first page shows beside the frame."""
    kinds = [kind for kind, permission in LOOKS.items() if request.user.has_perm(permission)]
    chosen = request.GET.get("kind", "")
    items = gather([kind for kind in kinds if chosen in ("", kind)])
    counts = counted(request)
    chips = [(kind, words.KINDS[kind], counts[kind], kind == chosen) for kind in kinds if counts[kind]]
    return {
        **context, "title": _("Needs the Board"), "chips": chips, "chosen": chosen,
        "entries": _entries(request, items), "all": sum(counts[kind] for kind in kinds),
    }  # fmt: skip


def counted(request: HttpRequest) -> dict[Kind, int]:
    """How much waits; asked once for a page."""
    found: dict[Kind, int] | None = getattr(request, "board_counts", None)
    if found is None:
        found = count()
        request.board_counts = found  # type: ignore[attr-defined]
    return found


def _entries(request: HttpRequest, items: list[Item]) -> list[dict[str, Any]]:
    now = timezone.now()
    rows = dict(WorkOrder.objects.filter(public_id__in={item.order for item in items}).values_list("public_id", "pk"))
    names = {str(pk): name for pk, name in Project.objects.filter(
        pk__in={item.project for item in items if item.project.isdigit()}).values_list("pk", "name")}  # fmt: skip
    return [
        {
            "anchor": item.anchor, "kind": item.kind, "word": words.KINDS[item.kind],
            "is_urgent": item.is_urgent(now), "why": Truncator(_why(item)).chars(400), "facts": _facts(item, names),
            "order": item.order, "order_url": _order_url(rows.get(item.order)), "url": _url(item),
            "waits": _("waits for %(age)s, since %(since)s") % {
                "age": age(now - item.since), "since": _when(item.since)}, "costs": _costs(item, now),
            "buttons": _buttons(request, item, is_order=item.order in rows),
        }
        for item in items
    ]  # fmt: skip


def _why(item: Item) -> str:
    match item.kind:
        case "money":
            return _("The budget is used up: %(scope)s %(key)s") % {
                "scope": words.WORDS[item.facts["scope"]], "key": item.why,
            }  # fmt: skip
        case "effect":
            return _("%(name)s may have happened; its task is over, and nobody was asked.") % {"name": item.why}
        case "call":
            return _("%(who)s called the Board: %(why)s") % {"who": item.facts["by"] or "–", "why": item.why or "–"}
        case _:
            return " ".join(item.why.split())


def _facts(item: Item, names: dict[str, str]) -> list[tuple[str, Any]]:
    facts = item.facts
    found: list[tuple[str, Any]] = [(_("Project"), names.get(item.project, "")), (_("Who may act"), _who(item))]
    if item.kind == "approval":
        found += [(_("Task"), facts["title"])]
        if facts["quorum"] > 1:
            found += [(_("Agreed"), f"{facts['votes']} / {facts['quorum']}")]
    if item.kind == "money":
        found += [
            (_("Spent"), f"{words.dollars(facts['spent'])} / {words.dollars(facts['limit'])}"),
            (_("Needed by one call"), words.dollars(facts["needed"])),
        ]
    if item.kind == "failure":
        found += [(_("Type"), ", ".join(facts["types"]))]
    return [(name, fact) for name, fact in found if fact]


def _who(item: Item) -> str:
    named = ", ".join(item.who)
    if item.facts.get("requester"):
        return _("%(who)s, but not %(requester)s") % {
            "who": named or _("the project's editors, the Board"), "requester": item.facts["requester"],
        }  # fmt: skip
    if named:
        return named
    if item.kind in ("money", "effect", "call"):
        return _("the Board")
    return (
        _("the requester, the project's editors, the Board")
        if item.kind == "question"
        else _("the project's editors, the Board")
    )


def _costs(item: Item, now: datetime) -> str:
    """What it costs to wait."""
    told = []
    if item.tasks:
        told.append(_("tasks that stand still: %(n)s") % {"n": item.tasks})
    if item.orders > 1:
        told.append(_("orders: %(n)s") % {"n": item.orders})
    if item.until is not None:
        left = item.until - now
        then = words.AFTER_TIME.get(item.then, item.then)
        said = _("in %(left)s: %(then)s") if left > timedelta(0) else _("time is over since %(left)s: %(then)s")
        told.append(said % {"left": age(abs(left)), "then": then})
    if item.kind == "money" and item.facts["is_going_on"]:
        told.append(_("it was raised, and goes on as room comes back"))
    return "; ".join(told)


def _buttons(request: HttpRequest, item: Item, *, is_order: bool) -> list[dict[str, object]]:
    """What may be done; a run of somebody's own task types has no order that could be told anything."""
    own: list[dict[str, object]] = []
    if item.kind == "approval":
        allowed = [name for name in ("approve", "revise", "reject", "respond") if name in item.facts["allows"]]
        own = buttons(request, "approval", item.key, allowed)
    elif item.kind == "money":
        own = buttons(request, "budget", item.key, ["raise"])
    elif item.kind == "effect":
        own = buttons(request, "effect", item.key, ["happened", "undone"])
    return [*own, *buttons(request, "order", item.order, ON_ORDER[item.kind] if is_order else [])]


def _url(item: Item) -> str:
    """The page where it is seen in full."""
    match item.kind:
        case "approval":
            return reverse("admin:nexus_approval_change", args=[item.key])
        case "money":
            return reverse("admin:billing_waiting")
        case "failure":
            return reverse("admin:nexus_deadletter_failure", args=[item.key])
        case "effect":
            return reverse("admin:nexus_effect_change", args=[item.key])
        case _:
            return ""


def _order_url(pk: int | None) -> str:
    return reverse("admin:workorders_workorder_change", args=[pk]) if pk else ""


def age(waited: timedelta) -> str:
    """How long, in the unit that people think of."""
    seconds = max(0, int(waited.total_seconds()))
    if seconds >= DAY:
        return _("%(n)s d") % {"n": seconds // DAY}
    if seconds >= HOUR:
        return _("%(n)s h") % {"n": seconds // HOUR}
    return _("%(n)s min") % {"n": seconds // MINUTE} if seconds >= MINUTE else _("%(n)s s") % {"n": seconds}


def _when(moment: datetime) -> str:
    return date_format(localtime(moment), "Y-m-d H:i:s")
