"""One batch: due tasks -> canvases -> doorbells."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping

from nexus.canvas.compile import Segment, compile_segments
from nexus.canvas.models import Canvas
from nexus.conf import dials
from nexus.crashing import crash
from nexus.queues.bells import room
from nexus.queues.wire import ring_id
from nexus.tasks import statements, transitions

from .follow import Bell, graph_behind
from .publish import publish

log = logging.getLogger("nexus.dispatch")
RECORD = "SELECT nexus_record(%s::jsonb)"


def dispatch_once(*, unless_at_work: bool = False) -> int | None:
    """Ring up to a batch of due tasks, as far as their queues can use doorbells; return how many were taken.

    None when it was to ring nothing `unless_at_work`, and a worker is at work.

    The bells are put off, then the canvases are recorded, then they are published: each a commit of its own, with
    nothing held between. A crash on the way costs one quiet time. Several dispatchers take different tasks.
    A bell alone is recorded when it has been rung: Celery brings nothing along with it, and somebody waits for it.
    """
    free = room(dials().most_bells)
    told = transitions.take_bells(free, most=dials().dispatch_batch, unless_at_work=unless_at_work) if free else {}
    if "at_work" in told:
        return None
    if not told:
        return 0
    rung = [one["id"] for one in told["due"]]
    graph, bells = graph_behind(told)
    laid = [(segment, _canvas(segment, bells)) for segment in compile_segments(graph, rung)]
    _record(one for one in laid if one[0].kind != "single")
    crash("K3")
    if publish([canvas for _, canvas in laid]):
        _record(one for one in laid if one[0].kind == "single")
    else:
        transitions.give_back_bells(rung)
    crash("K4")
    if again := sum(bells[task].rings > 0 for task in rung):
        log.info("rang again: %s tasks that nobody claimed", again)
    return len(rung)


def _record(laid: Iterable[tuple[Segment, Canvas]]) -> None:
    """Write canvases; what Celery will bring along is marked as carried by the newest one.

    A task rung again may be held by a lost message's canvas. What a single doorbell carries its worker goes on to by
    itself: nobody else is about to ring that.
    """
    told = [
        {
            "run": canvas.run_id, "kind": canvas.kind, "shape": canvas.shape,
            "carries": [] if segment.kind == "single" else segment.carries,
        }
        for segment, canvas in laid
    ]  # fmt: skip
    if told:
        statements.one(RECORD, [json.dumps(told)])


def _canvas(segment: Segment, bells: Mapping[int, Bell]) -> Canvas:
    return Canvas(run_id=bells[segment.rings[0]].run, kind=segment.kind, shape=_shape(segment, bells))


def _shape(segment: Segment, bells: Mapping[int, Bell]) -> dict[str, object]:
    def ring(task_id: int) -> dict[str, object]:
        bell = bells[task_id]
        return {"task": bell.id, "key": bell.key, "queue": bell.queue, "id": ring_id(task_id=bell.id, rings=bell.rings)}

    return {
        "rings": [ring(task_id) for task_id in segment.rings],
        "body": None if segment.body is None else ring(segment.body),
        "carries": [bells[task_id].key for task_id in segment.carries],
    }
