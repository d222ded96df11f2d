"""The first doorbell of a run, rung by the process that files it: nobody need wake up first to see that it is due.

That is for the first run that finds everybody idle. Where somebody waits or is at work, workers take by themselves
what they find, and a dispatcher rings for the rest together. The bell counts as rung with the commit of the run: should
it get lost, a dispatcher rings again after the quiet time, as for any other.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, transaction
from redis.exceptions import RedisError

from nexus.canvas.compile import Graph, Node, compile_segments
from nexus.conf import dials
from nexus.crashing import crash
from nexus.lines import Line
from nexus.queues.bells import ring
from nexus.queues.breaker import Breaker
from nexus.tasks import transitions
from nexus.tasks.graph import TaskSpec

log = logging.getLogger("nexus.dispatch")
Bell = dict[str, Any]
"""A link of a canvas: `{task, key, queue, id}`."""


class _Ringer:
    """What this process has to ring: by a thread of its own, so that nobody who files work waits for the broker."""

    def __init__(self) -> None:
        self._line: Line[Bell] = Line(self._ring, name="nexus-bells", most=1_000)
        self._breaker = Breaker(tries=1, quiet_for=1.0)

    @property
    def is_away(self) -> bool:
        """Did the broker not answer a moment ago?"""
        return self._breaker.is_open

    def put(self, bell: Bell) -> None:
        """Have it rung."""
        self._line.put(bell)

    def _ring(self, bells: list[Bell]) -> None:
        crash("K5")
        try:
            ring(bells, looks=False)
        except (RedisError, OSError) as error:
            self._breaker.failed()
            log.warning("broker away: %s; a dispatcher rings for %s tasks", type(error).__name__, len(bells))
            _give_back(bells)
        else:
            self._breaker.worked()


def _give_back(bells: Sequence[Bell]) -> None:
    try:
        transitions.give_back_bells([bell["task"] for bell in bells])
    except (DatabaseError, InterfaceError) as error:
        log.warning("bells not given back: %s; they are rung again later", type(error).__name__)
    finally:
        connection.close()  # this thread needs it no more


_ringer = _Ringer()


def carried(tasks: Sequence[TaskSpec]) -> list[str] | None:
    """What the first doorbell of a run carries, by key, if its filer may ring it; else None.

    It may if one task starts the run, nothing keeps that back, and what follows needs no chain or chord.
    """
    first = [place for place, spec in enumerate(tasks) if not spec.after]
    if not dials().ring_at_once or _ringer.is_away or len(first) != 1:
        return None
    start = tasks[first[0]]
    if start.not_before is not None or start.exclusive is not None or start.gate is not None:
        return None
    (segment,) = compile_segments(_graph(tasks), first)
    return [tasks[place].key for place in segment.carries] if segment.kind == "single" else None


def _graph(tasks: Sequence[TaskSpec]) -> Graph:
    """The tasks by their places: they have no ids yet."""
    places = {spec.key: place for place, spec in enumerate(tasks)}
    children: dict[int, list[int]] = {}
    for place, spec in enumerate(tasks):
        for parent in spec.after:
            children.setdefault(places[parent], []).append(place)
    nodes = {
        place: Node(id=place, queue=spec.queue or "", deps_left=len(spec.after), delayed=spec.not_before is not None)
        for place, spec in enumerate(tasks)
    }
    return Graph(nodes=nodes, children=children)


def ring_when_committed(bell: Bell) -> None:
    """Ring it when the caller's transaction is committed; now where there is none. Never waits, never raises."""
    transaction.on_commit(lambda: _ringer.put(bell), robust=True)
