"""Orders and approvals as people read them on Telegram: HTML, in the language that is switched on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from nexus import engine

from . import markup, words

REQUEST_SHOWN = 200
CONTENT_SHOWN = 1_500
MESSAGE_SHOWN = 1_500
REASON_SHOWN = 500
MOVING = ("queued", "in_progress")


def dollars(amount: str | Decimal) -> str:
    """An amount for people."""
    value = Decimal(amount)
    return f"${value:.4f}" if value == 0 or value >= Decimal("0.0001") else f"${value.normalize():f}"


def order(view: Mapping[str, Any]) -> str:
    """An order as it stands: `view` is queries.view."""
    lines = [f"<b>{view['id']}</b> · {words.state(view['status'])}", _first_words(view["message"], REQUEST_SHOWN)]
    if view["difficulty"]:
        facts = {"difficulty": words.difficulty(view["difficulty"]), "owner": view["owner_role"]}
        lines.append(_("Difficulty: %(difficulty)s · owner: %(owner)s") % facts)
    if view["status"] in MOVING:
        lines.append(_progress(view))
    elif view["waiting_for"]:
        lines.append(markup.safe(markup.cut(str(view["waiting_for"]), MESSAGE_SHOWN)))
    spent = dollars(view["cost_usd"])
    if view["budget_usd"]:
        spent = _("%(spent)s of %(budget)s") % {"spent": spent, "budget": dollars(view["budget_usd"])}
    lines.append(_("Cost: %(cost)s") % {"cost": spent})
    if view["sandbox"]:
        lines.append("<i>" + _("sandbox: no model was asked") + "</i>")
    return "\n".join(lines)


def _progress(view: Mapping[str, Any]) -> str:
    tasks = view["tasks"]
    done = sum(task["state"] == "completed" for task in tasks)
    running = [task for task in tasks if task["state"] == "running"]
    line = _("Processing: %(done)d of %(all)d tasks") % {"done": done, "all": len(tasks)}
    return f"{line} · {markup.safe(markup.cut(running[0]['title'] or running[0]['key'], 80))}" if running else line


def approval(row: engine.Approval, *, decides: bool, cost: str, deadline: datetime | None) -> str:
    """What people are asked, with what it is about."""
    lines = [
        f"<b>{markup.safe(row.run.subject)}</b> · " + (_("your decision is needed") if decides else _("to read")),
        markup.safe(markup.cut(row.message, MESSAGE_SHOWN)),
    ]
    if row.content:
        shown = json.dumps(row.content, ensure_ascii=False, indent=1, sort_keys=True)
        lines.append(f"<pre>{markup.safe(markup.cut(shown, CONTENT_SHOWN))}</pre>")
    if row.quorum > 1:
        lines.append(_("Agreed so far: %(votes)d of %(quorum)d") % {"votes": row.votes, "quorum": row.quorum})
    lines.append(_("Cost so far: %(cost)s") % {"cost": cost})
    if deadline is not None:
        lines.append(_("Until %(time)s") % {"time": at(deadline)})
    if decides and not {"approve", "reject"} & set(row.allows):
        lines.append(_("Answer by replying to this message."))
    elif decides and "revise" in row.allows:
        lines.append(_("To send it back, reply to this message with what shall change."))
    return "\n".join(lines)


def decided(row: engine.Approval) -> str:
    """What was decided, by whom and when, on one line."""
    who = markup.safe(row.decided_by) or (_("time") if row.expired_at else _("nobody"))
    line = f"{words.outcome(row.outcome)} · {who} · {at(row.decided_at)}"
    reason = markup.safe(markup.cut(row.reason, REASON_SHOWN))
    return f"{line}\n{_('Reason')}: {reason}" if reason else line


def at(when: datetime | None) -> str:
    """A time for people, in UTC."""
    return when.strftime("%Y-%m-%d %H:%M UTC") if when else "–"


def _first_words(text: str, most: int) -> str:
    return markup.safe(markup.cut(" ".join(text.split()), most))
