"""The doors of apps/studio."""

from __future__ import annotations

from . import Door

DOORS: dict[str, Door] = {}
