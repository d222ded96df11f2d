"""Settings of apps/workflows."""

from __future__ import annotations
