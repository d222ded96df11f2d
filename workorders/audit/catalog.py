"""Every action of the log: how it is judged, and what it is called. Applications may record others of their own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "order.accepted": _("filed an order"),
    "order.triaged": _("understood the request"),
    "order.asked_back": _("asked back"),
    "order.quoted": _("drew up the plan and its price"),
    "order.reviewed": _("reviewed a draft"),
    "order.needs_board": _("called the Board: no draft passed"),
    "order.delivered": _("delivered"),
    "order.escalated": _("escalated"),
    "run.paused": _("paused"),
    "run.resumed": _("resumed"),
    "run.cancel_requested": _("cancelled"),
    "run.failed": _("ended without a result"),
    "run.repaired": _("repaired"),
    "task.failed": _("an attempt failed; it is tried again"),
    "task.parked": _("waits for a person"),
    "task.unparked": _("let it go on"),
    "task.redriven": _("drove it again"),
    "task.dead": _("gave up: dead letter"),
    "approval.requested": _("asked for approval"),
    "approval.amended": _("changed what is asked"),
    "approval.voted": _("agreed, with others"),
    "approval.decided": _("decided"),
    "approval.reminded": _("reminded"),
    "approval.escalated": _("asked others too"),
    "approval.expired": _("time was over"),
    "approval.withdrawn": _("withdrew the question"),
    "effect.unknown": _("does not know whether it happened"),
    "effect.decided": _("said what is true"),
    "budget.warning": _("a budget is nearly used"),
    "budget.critical": _("a budget will not be enough"),
    "budget.changed": _("set a limit"),
    "call.stepped_down": _("worked with a smaller model, for the budget"),
    "role.changed": _("changed a role"),
    "provider_key.set": _("set a provider's key"),
    "provider_key.removed": _("removed a provider's key"),
    "api_key.issued": _("issued an API key"),
    "api_key.revoked": _("revoked an API key"),
    "member.joined": _("let somebody into the project"),
    "member.promoted": _("gave a member another role"),
    "member.left": _("took a member out of the project"),
}
"""What the tables write by themselves, and what the house records beside them."""


def word(action: str) -> str:
    """The action in the reader's language; as it is, where it is an application's own."""
    return str(WORDS.get(action, action))
