"""Intents that nobody comes back to: their task was cancelled while it acted."""

from __future__ import annotations

import logging

from . import ledger
from .models import Effect

log = logging.getLogger("nexus.effects")
BATCH = 200


def close_left() -> int:
    """Say of each that nobody knows what came of it; return how many. Any number of callers."""
    closed = 0
    for effect_id, name in Effect.objects.left().order_by("id").values_list("id", "name")[:BATCH]:
        if ledger.leave(effect_id):
            closed += 1
            log.warning("effect %s (%s) may have happened: its task ended in the middle of it", effect_id, name)
    return closed
