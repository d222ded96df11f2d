"""Settings of apps/telegram."""

from __future__ import annotations
