"""The doors of apps/gateway."""

from __future__ import annotations

from . import Door, lists

DOORS: dict[str, Door] = {"api/chat": lists(says={"message": "x"}, own=True)}
