"""One batch: due tasks -> canvases -> doorbells."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from nexus.canvas.compile import Segment, compile_segments
from nexus.canvas.models import Canvas
from nexus.conf import dials
from nexus.crashing import crash
from nexus.queues.bells import room
from nexus.queues.wire import ring_id
from nexus.tasks import transitions
from nexus.tasks.models import Task

from .due import due
from .follow import graph_behind
from .publish import publish

log = logging.getLogger("nexus.dispatch")
LONGEST_QUIET = 600.0


def dispatch_once() -> int:
    """Ring up to a batch of due tasks, as far as their queues can use doorbells; return how many were taken.

    First the bells are put off and the canvases recorded, in one transaction; then, with none open,
    they are published. A crash between the two costs one quiet time. Several dispatchers lock
    different rows and skip the others'.
    """
    free = room(dials().most_bells)
    if free is None:
        return 0
    with transaction.atomic():
        rung = due(free, most=dials().dispatch_batch)
        canvases = _record(rung)
        for rings in {task.rings for task in rung}:
            quiet = min(LONGEST_QUIET, dials().ring_again_after * 2 ** min(rings, 10))
            ids = [task.pk for task in rung if task.rings == rings]
            transitions.mark_rung(ids, quiet_for=timedelta(seconds=quiet))
    crash("K3")
    if canvases and not publish(canvases):
        # The broker is away. Due again soon, and not counted as rung: a long outage must not make bells rare
        # when it ends. Whoever claimed a task meanwhile has changed it.
        Task.objects.ready().filter(pk__in=[task.pk for task in rung], rings__gt=0).update(
            ring_at=Now() + timedelta(seconds=1), rings=F("rings") - 1
        )
    crash("K4")
    return len(rung)


def _record(rung: Sequence[Task]) -> list[Canvas]:
    """Compile what is rung and write each canvas with the tasks that it carries."""
    if not rung:
        return []
    graph, tasks = graph_behind(rung)
    segments = compile_segments(graph, [task.pk for task in rung])
    canvases = Canvas.objects.bulk_create(
        Canvas(run_id=tasks[segment.rings[0]].run_id, **_shape(segment, tasks)) for segment in segments
    )
    # A task rung again may be held by a lost message's canvas: the newest one is what counts.
    _carry({task: canvas for segment, canvas in zip(segments, canvases, strict=True) for task in segment.carries})
    if again := sum(task.rings > 0 for task in rung):
        log.info("rang again: %s tasks that nobody claimed", again)
    return canvases


def _carry(canvas_of: dict[int, Canvas]) -> None:
    """Write which canvas carries each task.

    What follows a due task may be held by a cancel that waits for the due one, which is ours: we would wait
    for each other. So held ones are skipped; they are rung by the next batch when they become ready.
    """
    free = Task.objects.filter(pk__in=canvas_of).order_by("id").claim(len(canvas_of))
    for task in free:
        task.canvas = canvas_of[task.pk]
    Task.objects.bulk_update(free, ["canvas"])


def _shape(segment: Segment, tasks: Mapping[int, Task]) -> dict[str, object]:
    def ring(task_id: int) -> dict[str, object]:
        task = tasks[task_id]
        return {"task": task.pk, "key": task.key, "queue": task.queue, "id": ring_id(task_id=task.pk, rings=task.rings)}

    return {
        "kind": segment.kind,
        "shape": {
            "rings": [ring(task_id) for task_id in segment.rings],
            "body": None if segment.body is None else ring(segment.body),
            "carries": [tasks[task_id].key for task_id in segment.carries],
        },
    }
