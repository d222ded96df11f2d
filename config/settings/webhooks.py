"""Settings of apps/webhooks."""

from __future__ import annotations

from config.env import env

NEXUS_WEBHOOKS_PER_PROJECT = env.int("NEXUS_WEBHOOKS_PER_PROJECT", default=50)
# A webhook whose every attempt has failed for so many days is disabled.
NEXUS_WEBHOOK_PATIENCE_DAYS = env.int("NEXUS_WEBHOOK_PATIENCE_DAYS", default=5)
# Deliveries that ended so many days ago are forgotten, with what was answered.
NEXUS_WEBHOOK_KEPT_DAYS = env.int("NEXUS_WEBHOOK_KEPT_DAYS", default=30)
