"""Which events there are, and what their ids look like."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from uuid import uuid4

PRODUCTION: Final = (
    "PROJECT_CREATED", "PROJECT_FINALIZED", "SCENE_WRITTEN", "SHOT_PLANNED", "KEYFRAME_REQUESTED", "IMAGE_GENERATED",
    "DNA_BANK_UPDATED", "PROMPT_ADJUSTMENT", "PREVIEW_VIDEO_REQUESTED", "PREVIEW_VIDEO_READY", "FINAL_VIDEO_REQUESTED",
    "FINAL_VIDEO_READY", "QA_REPORT", "CONSISTENCY_FAILED", "MUSIC_COMPOSED", "VOICE_RENDERED", "SHOT_APPROVED",
    "ALL_SHOTS_READY", "IMAGE_EDIT_REQUESTED", "IMAGE_EDITED", "VIDEO_GENERATED", "PROJECT_DELIVERED",
)  # fmt: skip
PEOPLE: Final = (
    "USER_APPROVAL_REQUIRED", "USER_APPROVED", "USER_REVISION_REQUESTED", "USER_REJECTED", "HUMAN_GATE_TRIGGERED",
    "USER_ERROR_REPORTED",
)  # fmt: skip
TROUBLE: Final = ("ERROR_DETECTED", "ERROR_CORRECTED", "ERROR_CORRECTION_REQUESTED", "ERROR_OCCURRED")
MONEY: Final = ("COST_OVERRUN_WARNING", "BUDGET_ALLOCATED", "BUDGET_EXCEEDED", "STRATEGY_UPDATE")
TYPES: Final = (*PRODUCTION, *PEOPLE, *TROUBLE, *MONEY)
"""Every type that needs no mapping to be taken in."""

TYPE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""Of an event, as a client may give it."""


def new_id(at: datetime) -> str:
    """EV-YYYYMMDD-8hex."""
    return f"EV-{at:%Y%m%d}-{uuid4().hex[:8]}"
