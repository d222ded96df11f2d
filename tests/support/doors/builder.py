"""The doors of apps/builder."""

from __future__ import annotations

from . import Door

DOORS: dict[str, Door] = {}
