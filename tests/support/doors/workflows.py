"""The doors of apps/workflows."""

from __future__ import annotations

from . import Door

DOORS: dict[str, Door] = {}
