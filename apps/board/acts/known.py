"""Every act there is."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from . import agents, effects, gates, money, orders
from .act import Act

ACTS: dict[tuple[str, str], Act] = {
    (act.noun, act.name): act for act in (*orders.ACTS, *gates.ACTS, *money.ACTS, *effects.ACTS, *agents.ACTS)
}


def url(noun: str, key: object, name: str) -> str:
    """Where the dialog of this act is."""
    return reverse("admin:board_act", args=[noun, name, str(key)])


def buttons(request: HttpRequest, noun: str, key: object, names: list[str]) -> list[dict[str, object]]:
    """Those of the acts that this person may do, as templates show them."""
    acts = [ACTS[noun, name] for name in names]
    return [
        {"title": act.title, "url": url(noun, key, act.name), "is_grave": act.is_grave}
        for act in acts if act.is_open_to(request)
    ]  # fmt: skip
