"""States in words and colours. Colour is never the only sign: the word is always there."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "queued": _("queued"),
    "in_progress": _("in progress"),
    "paused": _("paused"),
    "blocked": _("blocked"),
    "completed": _("completed"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
    "open": _("open"),
    "pending": _("pending"),
    "ready": _("ready"),
    "running": _("running"),
    "waiting_approval": _("waits for a person"),
    "retry": _("failed, tried again"),
    "given_back": _("given back"),
    "parked": _("parked"),
    "lost": _("lost"),
}

COLOURS = {
    "completed": "success",
    "in_progress": "info",
    "running": "info",
    "open": "info",
    "paused": "warning",
    "retry": "warning",
    "given_back": "warning",
    "parked": "warning",
    "blocked": "danger",
    "waiting_approval": "danger",
    "failed": "danger",
    "lost": "danger",
}
"""As unfold names them; a state that is not here is grey."""


def said(state: str | None) -> tuple[str, Any]:
    """A state as unfold's labels take it: the key of its colour, and its word."""
    state = state or "running"
    return state, WORDS.get(state, state)


def dollars(amount: Any) -> str:
    """An amount for people: four places, or all nine where fewer would say zero."""
    amount = amount or 0
    places = 4 if amount == 0 or abs(amount) >= 0.0001 else 9
    return f"${number_format(amount, places, use_l10n=False)}"
