"""States in words and signs. The word is always there; the sign is never the only one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

STATES: dict[str, tuple[str, Any]] = {
    "queued": ("⏳", _("queued")),
    "in_progress": ("⚙️", _("in progress")),
    "paused": ("⏸", _("paused")),
    "blocked": ("🔶", _("blocked")),
    "completed": ("✅", _("completed")),
    "failed": ("❌", _("failed")),
    "cancelled": ("🚫", _("cancelled")),
}
OUTCOMES: dict[str, tuple[str, Any]] = {
    "approved": ("✅", _("approved")),
    "edited": ("✅", _("edited")),
    "revised": ("↩️", _("revised")),
    "rejected": ("❌", _("rejected")),
    "responded": ("💬", _("responded")),
    "withdrawn": ("🚫", _("withdrawn")),
}
DIFFICULTIES: dict[str, Any] = {
    "trivial": _("trivial"),
    "normal": _("normal"),
    "complex": _("complex"),
    "unclear": _("unclear"),
}
UNKNOWN = ("•", "")
REFUSALS: dict[str, Any] = {
    "not_found": _("There is no such order here."),
    "not_offered": _("There is no workflow of this name."),
    "illegal_move": _("That cannot be done as things stand."),
    "already_decided": _("Somebody has decided this already."),
    "already_voted": _("You have approved this; others have to as well."),
    "superseded": _("What is to be decided has changed; look at it again."),
    "not_an_approver": _("Others were named to decide this."),
    "four_eyes": _("Who asked for it may not decide it."),
    "decision_not_allowed": _("This cannot be decided like that."),
    "not_waiting": _("This order asks nothing at the moment."),
    "telegram_may_only_read": _("You may see this order, and not change it."),
    "telegram_code_invalid": _("This code is not known, was used, or is too old: get another."),
    "telegram_file_out_of_reach": _("Telegram does not hand this file over: it is larger than 20 MB, or gone."),
    "attachment_refused": _("This kind of file is not taken."),
    "attachment_too_large": _("This file is larger than is taken."),
    "attachment_quota_exceeded": _("The project's files have reached their quota."),
    "order_invalid": _("This cannot be an order as it is: it is empty or too long."),
}
"""What is refused, by its code. What is not here is said in the words of the error."""


def state(name: str) -> str:
    """A state with its sign."""
    sign, word = STATES.get(name, (UNKNOWN[0], name))
    return f"{sign} {word}"


def outcome(name: str | None) -> str:
    """What was decided, with its sign."""
    sign, word = OUTCOMES.get(name or "", (UNKNOWN[0], name))
    return f"{sign} {word}"


def difficulty(name: str) -> str:
    """A difficulty in words."""
    return str(DIFFICULTIES.get(name, name))


def refusal(code: str, said: str) -> str:
    """Why something was refused, for people; what stands in the way of a move is told as the engine says it."""
    word = str(REFUSALS.get(code) or said or gettext("This was refused."))
    return f"{word} ({said})" if code == "illegal_move" and said else word
