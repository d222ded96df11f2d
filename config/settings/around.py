"""Settings of what stands around the applications: how much each API key may ask, what files orders by itself."""

from __future__ import annotations

from config.env import env

# Requests per seconds of each API key, as 1200/60; empty is no limit.
NEXUS_RATE_LIMIT = env.str("NEXUS_RATE_LIMIT", default="")

NEXUS_SCHEDULES_PER_PROJECT = env.int("NEXUS_SCHEDULES_PER_PROJECT", default=100)
NEXUS_INLETS_PER_PROJECT = env.int("NEXUS_INLETS_PER_PROJECT", default=50)
