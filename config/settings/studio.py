"""Settings of apps/studio."""

from __future__ import annotations
