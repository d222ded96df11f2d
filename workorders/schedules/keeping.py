"""Make a schedule, change it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection

from nexus.transactions import requires_transaction
from workorders import templates
from workorders.models import Project

from . import cron
from .errors import ScheduleInvalid
from .models import Schedule


@requires_transaction
def make(
    *,
    project: Project,
    name: str,
    expression: str,
    zone: str,
    template: Mapping[str, Any],
    missed: str = Schedule.Missed.ONCE,
    actor: str = "",
) -> Schedule:
    """Keep a schedule; its first tick is the next one. Raise ScheduleInvalid, OrderInvalid."""
    next_at = cron.next_after(cron.read(expression), now(), cron.zone_of(zone))
    Project.objects.select_for_update().get(pk=project.pk)  # two at once would both be the last that fits
    if Schedule.objects.filter(project=project).count() >= settings.NEXUS_SCHEDULES_PER_PROJECT:
        raise ScheduleInvalid("The project has as many schedules as it may")
    return Schedule.objects.create(
        public_id=f"sched-{uuid4()}", project=project, name=name, cron=expression, zone=zone,
        template=templates.kept(template), missed=missed, next_at=next_at, created_by=actor,
    )  # fmt: skip


@requires_transaction
def change(schedule: Schedule, given: Mapping[str, Any]) -> None:
    """Change what is given. Another clock, or to be switched on, begins with the next tick from now."""
    # Held: a dispatcher that fires it at this moment has moved it on before, or finds the new one.
    row = Schedule.objects.select_for_update().get(pk=schedule.pk)
    begins_anew = {"cron", "zone"} & given.keys() or (given.get("is_on") is True and not row.is_on)
    for name in ("name", "cron", "zone", "missed", "is_on"):
        if name in given:
            setattr(row, name, given[name])
    if "template" in given:
        row.template = templates.kept(given["template"])
    if begins_anew:
        row.next_at = cron.next_after(cron.read(row.cron), now(), cron.zone_of(row.zone))
    row.save(update_fields=["name", "cron", "zone", "missed", "is_on", "template", "next_at"])


def now() -> datetime:
    """The database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
