"""Events -> deliveries. A subscription's cursor moves in the transaction that writes what it is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from nexus import engine

from .delivering import file
from .models import Delivery, Subscription

MOST_SUBSCRIPTIONS = 100
MOST_EVENTS = 500
STRETCH = 20_000
"""Ids that one pass reads at most: one that was away for long is brought up in several."""
MOST_PASSES = 4

# By the primary key of events, a stretch at a time; which of them anybody wants is told by the few subscriptions.
WANTED = """
SELECT s.id, e.id, e.seq, e.kind, t.key, e.data, e.at, r.subject, p.slug
  FROM nexus_event e
  JOIN nexus_run r ON r.id = e.run_id
  JOIN webhooks_subscription s ON s.project_id::text = r.tenant AND e.id > s.cursor AND s.id = ANY(%(subscriptions)s)
  JOIN workorders_project p ON p.id = s.project_id
  LEFT JOIN nexus_task t ON t.id = e.task_id
 WHERE e.id > %(after)s AND e.id <= %(until)s
   AND EXISTS (SELECT FROM jsonb_array_elements_text(s.kinds) k (kind)
                WHERE e.kind = k.kind OR (k.kind LIKE '%%*' AND starts_with(e.kind, rtrim(k.kind, '*'))))
 ORDER BY e.id, s.id
 LIMIT %(most)s
"""


@dataclass(frozen=True)
class News:
    """One event for one subscription."""

    subscription: int
    event: int
    seq: int
    kind: str
    task: str | None
    data: Any
    at: datetime
    subject: str
    project: str

    def body(self) -> str:
        """What is sent."""
        told = {"order": self.subject, "project": self.project, "seq": self.seq, "task": self.task, "event": self.data}
        return json.dumps(
            {"type": self.kind, "timestamp": self.at.isoformat(), "data": told}, ensure_ascii=False, allow_nan=False
        )


def feed_all() -> int:
    """Bring every open subscription up to what is complete; return how many deliveries were written."""
    if not Subscription.objects.filter(ended_at__isnull=True).exists():
        return 0
    until = engine.complete_up_to()
    written = 0
    for _ in range(MOST_PASSES):
        passed = feed_once(until)
        if passed is None:
            break
        written += passed
    return written


@transaction.atomic
def feed_once(until: int) -> int | None:
    """One pass; None when nobody is behind `until`.

    Several dispatchers come here at once. Each takes other subscriptions: their rows are locked until the commit and
    passed by. Whoever dies before it has written neither deliveries nor cursors.
    """
    behind = list(
        Subscription.objects.filter(ended_at__isnull=True, cursor__lt=until)
        .order_by("cursor")
        .select_for_update(skip_locked=True)[:MOST_SUBSCRIPTIONS]
    )
    if not behind:
        return None
    after = behind[0].cursor
    until = min(until, after + STRETCH)
    here = [one for one in behind if one.cursor < until]
    news = _wanted([one.pk for one in here], after, until)
    if len(news) == MOST_EVENTS:
        # The last event may have more readers than were read: it is for the next pass.
        until = news[-1].event - 1
        news = [one for one in news if one.event <= until]
    file(
        [
            Delivery(subscription_id=one.subscription, event=one.event, kind=one.kind, body=one.body())
            for one in news
        ]
    )  # fmt: skip
    Subscription.objects.filter(pk__in=[one.pk for one in here], cursor__lt=until).update(cursor=until)
    return len(news)


def _wanted(subscriptions: Sequence[int], after: int, until: int) -> list[News]:
    asked: dict[str, Any] = {
        "subscriptions": list(subscriptions), "after": after, "until": until, "most": MOST_EVENTS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(WANTED, asked)
        rows = cursor.fetchall()
    return [
        News(
            subscription=row[0], event=row[1], seq=row[2], kind=row[3], task=row[4], data=json.loads(row[5]), at=row[6],
            subject=row[7], project=row[8],
        )
        for row in rows
    ]  # fmt: skip
