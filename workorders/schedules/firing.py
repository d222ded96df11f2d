"""What is due is filed: once for each tick, however many dispatchers there are and wherever they die."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from nexus.errors import NexusError
from nexus.transactions import requires_transaction
from workorders import templates
from workorders.models import WorkOrder

from . import cron
from .keeping import now
from .models import Firing, Schedule

log = logging.getLogger("nexus.schedules")
CHANNEL = "internal"
IN_TIME = timedelta(seconds=90)
"""A tick that is found within this was not missed: dispatchers look once a second, and may have been busy."""
MOST_AT_ONCE = 100


def fire_due() -> int:
    """Fire what is due, one transaction each; return how many ticks."""
    fired = 0
    while fired < MOST_AT_ONCE and fire_once():
        fired += 1
    return fired


@transaction.atomic
def fire_once() -> bool:
    """Fire the tick that has been due the longest; False when none is.

    Several dispatchers come here at once: the row of a schedule is held until the commit, and others pass it by. Who
    dies before it has filed nothing and moved nothing on.
    """
    due = Schedule.objects.filter(is_on=True, next_at__lte=now()).order_by("next_at")
    row = due.select_for_update(skip_locked=True, of=("self",)).select_related("project").first()
    if row is None:
        return False
    _fire(row)
    return True


@requires_transaction
def fire_by_hand(schedule: Schedule, *, actor: str) -> WorkOrder:
    """File its order now, besides its ticks. Raise OrderInvalid, NotOffered."""
    order = templates.file(schedule.template, project=schedule.project, requester=actor, channel=CHANNEL)
    Firing.objects.create(
        schedule=schedule, due_at=now(), outcome=Firing.Outcome.FILED, order=order.public_id, why=actor[:300]
    )
    return order


def _fire(row: Schedule) -> None:
    moment = now()
    ticks, zone = cron.read(row.cron), cron.zone_of(row.zone)
    following = cron.next_after(ticks, row.next_at, zone)
    if row.missed != Schedule.Missed.EVERY and following <= moment:
        following = cron.next_after(ticks, moment, zone)  # of many that were missed, one is looked at
    if row.missed == Schedule.Missed.NONE and moment - row.next_at > IN_TIME:
        Firing.objects.create(schedule=row, due_at=row.next_at, outcome=Firing.Outcome.SKIPPED)
    else:
        _file(row, row.next_at)
    Schedule.objects.filter(pk=row.pk).update(next_at=following)


def _file(row: Schedule, due_at: datetime) -> None:
    tick = Firing(schedule=row, due_at=due_at)
    try:
        with transaction.atomic():
            order = templates.file(row.template, project=row.project, requester=row.created_by, channel=CHANNEL)
        tick.outcome, tick.order = Firing.Outcome.FILED, order.public_id
    except NexusError as refused:
        tick.outcome, tick.why = Firing.Outcome.REFUSED, f"{refused.code}: {refused}"[:300]
        log.warning("schedule %s filed nothing: %s", row.public_id, tick.why)
    tick.save()
