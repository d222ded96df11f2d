"""Settings of apps/workflows."""

from __future__ import annotations

from config.env import env

# How long POST /api/workflows/apply waits for the reply where the request does not say; then it answers 202.
WORKFLOW_APPLY_SECONDS = env.int("WORKFLOW_APPLY_SECONDS", default=25)
