"""Where people decide before a film goes on, on which terms, and what they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from nexus import engine

from .models import Film, FilmEvent

PREVIEW_TYPES: Final = {
    "SCENE_WRITTEN": "script",
    "SHOT_PLANNED": "shots",
    "PREVIEW_VIDEO_READY": "preview_video",
    "FINAL_VIDEO_READY": "final_video",
}
DEFAULTS: Final = tuple(PREVIEW_TYPES)
"""The four."""
OPTIONS: Final = ("approve", "revise", "reject")
REDONE_BY: Final = {
    "SCENE_WRITTEN": ("REVISE_SCRIPT", "REWRITE_SCRIPT"),
    "SHOT_PLANNED": ("REVISE_SHOTS", "PLAN_SHOTS"),
    "PREVIEW_VIDEO_READY": ("GENERATE_PREVIEW_VIDEO", "GENERATE_PREVIEW_VIDEO"),
    "FINAL_VIDEO_READY": ("ADD_EFFECTS", "ASSEMBLE_FINAL"),
}
"""What makes a stage again: after a revision, and after a refusal."""


def holds(film: Film, event_type: str) -> bool:
    """Do people decide at this event of this film?"""
    if not settings.STUDIO_APPROVALS or film.user_options.get("auto_mode") is True:
        return False
    return event_type in film.user_options.get("approval_checkpoints", DEFAULTS)


def gate(film: Film, event_type: str) -> engine.Gate:
    """The terms. Reminded at half of the time; the default decides when all of it is over."""
    options: Mapping[str, Any] = film.user_options
    seconds = 60.0 * float(options.get("approval_timeout_minutes", settings.STUDIO_APPROVAL_TIMEOUT))
    others = tuple(options.get("escalate_to", ()))
    return engine.Gate(
        message=f"{film.title}: {event_type}. Go on?",
        checkpoint=event_type,
        allows=OPTIONS,
        approvers=tuple(options.get("approvers", ())),
        requester=film.order.requester,
        remind_every=seconds / 2,
        escalate_after=seconds / 2 if others else None,
        escalate_to=others,
        expires_after=seconds,
        on_timeout=options.get("on_timeout", "stay"),
        on_reject="run_again",
    )


def content(film: Film, event: FilmEvent) -> dict[str, Any]:
    """What is decided about."""
    kind = PREVIEW_TYPES.get(event.type, "data")
    shown: dict[str, Any] = {"preview_type": kind}
    if kind == "script":
        shown["script"] = event.payload.get("script", film.script)
    elif kind == "shots":
        shown["shots"] = event.payload.get("shots", [])
    elif kind in ("preview_video", "final_video"):
        shown["preview_url"] = event.payload.get("artifact_url", "")
    return {
        "approval_id": f"APPR-{event.event_id[-8:]}",
        "project_id": film.name,
        "stage": event.type,
        "content": {"type": event.type, "data": event.payload, "metadata": event.metadata, **shown},
        "options": list(OPTIONS),
        "timeout_minutes": film.user_options.get("approval_timeout_minutes", settings.STUDIO_APPROVAL_TIMEOUT),
    }
