"""The doors of apps/telegram."""

from __future__ import annotations

from . import Door

DOORS: dict[str, Door] = {}
