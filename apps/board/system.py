"""How the whole stands: orders by status, queues, workers, what was spent, what was done last; and what roles cost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from agents import router
from agents.models import Role
from billing import periods, prices, spans
from billing.figures import LIST
from billing.models import Price
from workorders import audit, system
from workorders.states import OrderState

from . import words
from .inbox import age

SEES = "workorders.view_workorder"
SEES_MONEY = "billing.view_ledgerentry"
SEES_AUDIT = "workorders.view_auditentry"
SEES_PRICES = "agents.view_role"
LATEST = 10
Table = dict[str, Any]


def status(request: HttpRequest) -> HttpResponse:
    """The state of the installation."""
    if not request.user.has_perm(SEES):
        raise PermissionDenied
    orders, machinery = system.orders(), system.machinery()
    now = timezone.now()
    seen = machinery.dispatcher_seen_at
    told = {
        "title": _("System"), "at": _when(orders.at), "orders": _orders(orders),
        "queues": _queues(machinery), "workers": _workers(machinery, now),
        "dispatcher": _("the dispatcher was seen %(age)s ago") % {"age": age(now - seen)} if seen else None,
        "spent": _spent(now) if request.user.has_perm(SEES_MONEY) else None,
        "audit": _audit() if request.user.has_perm(SEES_AUDIT) else None,
        "audit_url": reverse("admin:workorders_auditentry_changelist"), "prices_url": reverse("admin:board_prices"),
    }  # fmt: skip
    return render(request, "board/system.html", {**admin.site.each_context(request), **told})


def _orders(orders: system.Orders) -> list[dict[str, Any]]:
    to = reverse("admin:workorders_workorder_changelist")
    return [
        {"word": words.WORDS[state.value], "all": orders.all[state], "last_day": orders.last_day[state],
         "url": f"{to}?status={state.value}"}
        for state in OrderState
    ]  # fmt: skip


def _queues(machinery: system.Machinery) -> Table:
    rows = [
        [one.queue, one.tasks["ready"], one.tasks["running"], one.tasks["waiting"], f"{one.oldest_ready:.1f} s"]
        for one in machinery.queues
    ]
    heads = [_("Queue"), words.WORDS["ready"], words.WORDS["running"], words.WORDS["waiting_approval"], _("Oldest")]
    return {"headers": heads, "rows": rows}


def _workers(machinery: system.Machinery, now: datetime) -> Table:
    rows = [
        [one.name, one.running, age(now - one.began_at) if one.began_at else "–"] for one in machinery.workers
    ]  # fmt: skip
    return {"headers": [_("Worker"), words.WORDS["running"], _("Last began a task, ago")], "rows": rows}


def _spent(now: datetime) -> Table:
    found = spans.spans(now=now, zone=timezone.get_default_timezone())
    heads = [_("Period"), _("Cost"), _("Prompt tokens"), _("Completion tokens"), _("Tokens in all")]
    rows = [
        [words.WORDS[name], words.dollars(found[name].total_cost), _number(found[name].prompt_tokens),
         _number(found[name].completion_tokens), _number(found[name].total_tokens)]
        for name in periods.NAMES
    ]  # fmt: skip
    return {"headers": heads, "rows": rows}


def _audit() -> Table:
    rows = [
        [_when(one.at), one.actor, words.WORDS.get(one.status, one.status), audit.said(one), one.order or "–"]
        for one in audit.recent(LATEST)
    ]
    return {"headers": [_("At"), _("Who"), _("Status"), _("What"), _("Order")], "rows": rows}


def role_prices(request: HttpRequest) -> HttpResponse:
    """What the models behind each role cost now, in USD per million tokens and per minute of sound; two statements."""
    if not request.user.has_perm(SEES_PRICES):
        raise PermissionDenied
    now = timezone.now()
    book = list(Price.objects.filter(book=LIST, effective_from__lte=now))
    rows = [
        [role.name if place == 0 else "", link.provider, link.model, *_figures(book, link.provider, link.model, now)]
        for role in Role.objects.order_by("name") for place, link in enumerate(router.links(role))
    ]  # fmt: skip
    heads = [
        _("Role"), _("Provider"), _("Model"), _("Input"), _("Output"), _("Read from cache"), _("Minute of sound"),
        _("Prompts from"),
    ]  # fmt: skip
    told = {"title": _("Prices of roles"), "table": {"headers": heads, "rows": rows}}
    return render(request, "board/prices.html", {**admin.site.each_context(request), **told})


def _figures(book: list[Price], provider: str, model: str, now: datetime) -> list[str]:
    """The cheapest tier first; a model without a price is never asked, and says so."""
    of = [price for price in book if price.provider == provider]
    tiers = sorted(prices.tiers(of, model=model, at=now), key=lambda price: price.min_prompt_tokens)
    if not tiers:
        return [_("no price: never asked"), "–", "–", "–", "–"]
    columns = [
        [_dollars(getattr(tier, name)) for tier in tiers] for name in ("input", "output", "cache_read", "minute")
    ]
    return [*(" / ".join(column) for column in columns), " / ".join(_number(tier.min_prompt_tokens) for tier in tiers)]


def _dollars(amount: Decimal) -> str:
    return f"${amount:.2f}" if amount == round(amount, 2) else f"${amount.normalize():f}"


def _number(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def _when(moment: datetime) -> str:
    return date_format(localtime(moment), "Y-m-d H:i:s")
