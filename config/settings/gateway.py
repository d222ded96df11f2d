"""Settings of apps/gateway."""

from __future__ import annotations
