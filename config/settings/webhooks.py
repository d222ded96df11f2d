"""Settings of apps/webhooks."""

from __future__ import annotations
