"""At start: time limits in order, a handler table that is not empty, no crash point in production."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from nexus.conf import dials
from nexus.crashing import parse


@register("nexus")
def time_limits_are_in_order(**_: Any) -> list[CheckMessage]:
    """Refuse a broker or task limit that would redeliver or kill what is healthy."""
    visible_for = float(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]))
    wrong: list[CheckMessage] = []
    if settings.CELERY_TASK_SOFT_TIME_LIMIT >= settings.CELERY_TASK_TIME_LIMIT:
        wrong.append(Error("CELERY_TASK_SOFT_TIME_LIMIT must be below CELERY_TASK_TIME_LIMIT", id="nexus.E001"))
    if dials().covered_for >= visible_for:
        wrong.append(Error("COVERED_FOR must be below the broker's visibility_timeout", id="nexus.E002"))
    if settings.CELERY_TASK_ACKS_LATE:
        wrong.append(Error("CELERY_TASK_ACKS_LATE redelivers what the leases already do", id="nexus.E003"))
    return wrong


@register("nexus")
def no_crash_point_in_production(**_: Any) -> list[CheckMessage]:
    """Refuse a process that would die on purpose where people's orders run, and a point that does not exist."""
    if not settings.NEXUS_CRASH:
        return []
    if settings.SETTINGS_MODULE == "config.settings.production":
        return [Error("NEXUS_CRASH kills processes on purpose: unset it in production", id="nexus.E004")]
    try:
        parse(settings.NEXUS_CRASH)
    except ValueError as wrong:
        return [Error(str(wrong), id="nexus.E004")]
    return []
