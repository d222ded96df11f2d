"""What is due by the clock."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.db.models.functions import Now

from nexus.deadletters.models import DeadLetter
from nexus.dispatch.publish import publish_dead
from nexus.tasks import transitions
from nexus.tasks.models import Task

BATCH = 500


def make_due_ready() -> int:
    """PENDING -> READY for tasks whose time has come; return how many.

    Two timers may read the same tasks: each locks the run first, and the second finds them READY.
    """
    due: dict[int, list[int]] = defaultdict(list)
    for run_id, task_id in (
        Task.objects.due_to_be_ready().order_by("not_before", "id").values_list("run_id", "id")[:BATCH]
    ):
        due[run_id].append(task_id)
    moved = 0
    for run_id, task_ids in sorted(due.items()):
        with transaction.atomic():
            transitions.lock_run(run_id)
            moved += transitions.make_ready(run_id, task_ids)
    return moved


def publish_dead_letters() -> int:
    """Put letters that are not on `nexus.dead` there; return how many. A crash in between publishes twice."""
    published = 0
    for letter in DeadLetter.objects.filter(published_at__isnull=True).select_related("task").order_by("id")[:BATCH]:
        body = {
            "letter": letter.pk,
            "task": letter.task_id,
            "run": letter.task.run_id,
            "fingerprint": letter.fingerprint,
        }
        if not publish_dead(body):
            break
        DeadLetter.objects.filter(pk=letter.pk).update(published_at=Now())
        published += 1
    return published
