"""The doors of apps/webhooks."""

from __future__ import annotations

from . import Door

DOORS: dict[str, Door] = {}
