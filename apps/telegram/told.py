"""What the commands that only read answer: of what the account may see, and of nothing else."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts import access
from billing import costs as billing_costs
from billing import periods, reports
from workorders import audit as log
from workorders import queries, system
from workorders.models import WorkOrder

from . import cards, markup, people, words
from .errors import NotLikeThis
from .models import Account

LATEST = 10
ROWS = 8


def order(found: WorkOrder) -> str:
    """One order as it stands."""
    return cards.order(queries.view(found))


def counts(account: Account) -> str:
    """How many orders of the last day stand where."""
    rows = system.orders(_seen(account)).last_day
    if not any(rows.values()):
        return _("No orders in the last day.")
    lines = [f"{words.state(name)}: {rows[name]}" for name in words.STATES if rows.get(name)]
    waiting = people.approvals_of(account).for_person(account.user.get_username()).count()
    if waiting:
        lines.append(_("%(n)d wait for your decision") % {"n": waiting})
    return "\n".join(["<b>" + _("The last day") + "</b>", *lines])


def latest(account: Account) -> str:
    """The newest orders, a line each."""
    found: Any = access.orders(people.caller(account)).with_status().recent()[:LATEST]
    spent = reports.of_orders([one.public_id for one in found])
    lines = [
        f"<b>{one.public_id}</b> {words.state(one.status)} · "
        f"{cards.dollars(spent.get(one.public_id, reports.NOTHING).cost_usd)}\n"
        f"{markup.safe(markup.cut(' '.join(one.message.split()), 80))}"
        for one in found
    ]
    return "\n".join(lines) or _("There are no orders yet.")


def costs(account: Account, said: str) -> str:
    """What their projects have spent: today, in a week, in a month, or in all."""
    name = said.strip().lower() or "today"
    if name not in periods.NAMES:
        raise NotLikeThis(_("Say one of these: %(names)s.") % {"names": ", ".join(periods.NAMES)})
    seen = [str(pk) for pk in _seen(account)]
    found = billing_costs.summary(period=_period(name), by="role", projects=seen, most=ROWS)
    total = found.total
    lines = [
        f"<b>{periods_in_words()[name]}: {cards.dollars(total.cost)}</b>",
        _("%(requests)d requests · %(input)d tokens in · %(output)d tokens out")
        % {"requests": total.requests, "input": total.input_tokens, "output": total.output_tokens},
        *(f"{markup.safe(row.key or '–')}: {cards.dollars(row.cost)}" for row in found.rows),
    ]
    if total.estimated:
        lines.append(_("of it estimated: %(cost)s") % {"cost": cards.dollars(total.estimated)})
    return "\n".join(lines)


def _period(name: Any) -> periods.Period:
    return periods.named(name, now=timezone.now(), zone=timezone.get_default_timezone())


def periods_in_words() -> dict[str, str]:
    """Names of periods for people."""
    return {"today": _("today"), "week": _("a week"), "month": _("a month"), "all": _("all of it")}


def audit(account: Account) -> str:
    """The last things that were done in their projects."""
    lines = [
        f"{entry.at:%m-%d %H:%M} {_mark(entry.status)} {markup.safe(entry.actor)} "
        f"{markup.safe(markup.cut(log.said(entry), 150))} {markup.safe(entry.order)}"
        for entry in log.recent(LATEST, projects=_seen(account))
    ]
    return "\n".join(line.rstrip() for line in lines) or _("Nothing has been done yet.")


def _mark(status: str) -> str:
    return {"success": "✅", "failure": "❌", "warning": "🔶"}.get(status, "•")


def _seen(account: Account) -> list[int]:
    """The projects that they may see."""
    return list(access.readable(people.caller(account)).values_list("pk", flat=True))
