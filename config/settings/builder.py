"""Settings of apps/builder."""

from __future__ import annotations
