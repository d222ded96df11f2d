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
from nexus.queues.bells import client, command, ring
from nexus.queues.breaker import Breaker
from nexus.queues.unwaited import Unwaited
from nexus.tasks import transitions
from nexus.tasks.graph import TaskSpec

log = logging.getLogger("nexus.dispatch")
ANSWERS_WITHIN = 3.0
"""Seconds after which a broker that says nothing counts as away."""
Bell = dict[str, Any]
"""A link of a canvas: `{task, key, queue, id}`."""


class _Ringer:
    """What this process has to ring, and nobody who files work waits for the broker.

    Each bell is sent without waiting for the answer. A thread hears that, and rings what could not be sent so.
    """

    def __init__(self) -> None:
        self._line: Line[tuple[Bell, bool]] = Line(self._see_to, name="nexus-bells", most=1_000)
        self._breaker = Breaker(tries=1, quiet_for=1.0)
        self._unwaited = Unwaited()

    @property
    def is_away(self) -> bool:
        """Did the broker not answer a moment ago?"""
        return self._breaker.is_open

    def put(self, bell: Bell) -> None:
        """Ring it, or have it rung."""
        crash("K5")
        self._line.put((bell, self._unwaited.send(command(bell, at=0.0))))

    def _see_to(self, bells: list[tuple[Bell, bool]]) -> None:
        sent = [bell for bell, is_sent in bells if is_sent]
        if sent and not self._unwaited.is_answered(ANSWERS_WITHIN):
            self._failed(sent, "no answer, or a refusal")
        if unsent := [bell for bell, is_sent in bells if not is_sent]:
            try:
                ring(unsent, looks=False)
                self._unwaited.connect(client())
            except (RedisError, OSError) as error:
                self._failed(unsent, type(error).__name__)
            else:
                self._breaker.worked()

    def _failed(self, bells: Sequence[Bell], why: str) -> None:
        self._breaker.failed()
        log.warning("broker away: %s; a dispatcher rings for %s tasks", why, len(bells))
        _give_back(bells)


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
