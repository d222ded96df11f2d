"""Settings of what stands around the applications: how much each API key may ask."""

from __future__ import annotations

from config.env import env

# Requests per seconds of each API key, as 1200/60; empty is no limit.
NEXUS_RATE_LIMIT = env.str("NEXUS_RATE_LIMIT", default="")
