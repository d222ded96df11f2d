"""Hints to whoever listens: "run X is at seq N", and the words a model is writing. Lost safely.

They are sent by a thread of their own, in the order in which they were said, many in one round trip: a worker
neither waits for Redis nor pays a round trip for each event. The end of a run is sent by who says it, with what waits.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence

import redis
from django.conf import settings
from django.db import transaction

from nexus.lines import Line
from nexus.queues.breaker import Breaker
from nexus.queues.keys import HINT, said
from nexus.queues.leaving import leave
from nexus.queues.unwaited import Command, Unwaited

log = logging.getLogger("nexus.events")
PAUSE = 0.003
"""Seconds between two sends: what is said meanwhile goes together. Nobody waits for it but at the end of a run."""
KEPT_FOR = 600
"""Seconds for which words are kept after the last of them: longer than any pause in an answer."""
MOST = 10_000
"""Messages that wait at most; the oldest go first when Redis is slower than what is said."""


Message = tuple[dict[str, object], str | None]
"""What is published, and the list in which it is kept for those who come late."""


class _Teller:
    """What this process has to say, and where it says it."""

    def __init__(self) -> None:
        self._line: Line[Message] = Line(self._send, name="nexus-hints", most=MOST, pause=PAUSE)
        self._breaker = Breaker(tries=1, quiet_for=2.0)
        self._client: redis.Redis | None = None
        self._unwaited = Unwaited()

    def say(self, message: dict[str, object], kept_as: str | None = None) -> None:
        """Put it in line, unless Redis has just not answered."""
        if self._breaker.is_open:
            return
        if "ended" not in message or not self._say_now((message, kept_as)):
            self._line.put((message, kept_as), at_once="ended" in message)

    def _say_now(self, message: Message) -> bool:
        """Send it behind all that waits, if that takes no waiting."""
        before = self._line.take()
        if before is None:
            return False
        if self._unwaited.send(*_commands([*before, message])):
            return True
        for one in before:
            self._line.put(one)
        return False

    def _send(self, messages: list[Message]) -> None:
        """Send them; a Redis that does not answer is left alone for two seconds."""
        if self._breaker.is_open or self._unwaited.send(*_commands(messages)):
            return
        if self._client is None:
            # Short waits: a hint that comes late is worth nothing.
            self._client = redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None, health_check_interval=0
            )
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                for command in _commands(messages):
                    pipeline.execute_command(*command)  # type: ignore[no-untyped-call]
                pipeline.execute()
            self._unwaited.connect(self._client)
        except (redis.RedisError, OSError) as error:  # nothing may end the thread: nobody starts another
            self._breaker.failed()
            leave(self._client)
            self._unwaited.close()
            log.info("%s hints not sent: %s", len(messages), type(error).__name__)


def _commands(messages: Sequence[Message]) -> Iterator[Command]:
    """What sends them. Of what says how far one run is only the furthest is sent: who hears it reads all before it."""
    furthest: dict[object, tuple[int, int]] = {}
    for place, (message, _) in enumerate(messages):
        if isinstance(seq := message.get("seq"), int):
            furthest[message["run"]] = max((seq, place), furthest.get(message["run"], (0, 0)))
    for place, (message, kept_as) in enumerate(messages):
        if "seq" in message and "ended" not in message and furthest[message["run"]][1] != place:
            continue
        said_so = json.dumps(message)
        if kept_as is not None:  # before it is told: who hears of a gap finds what fills it
            yield "RPUSH", kept_as, said_so
            yield "EXPIRE", kept_as, str(KEPT_FOR)
        yield "PUBLISH", HINT, said_so


_teller = _Teller()


def publish(message: dict[str, object], *, kept_as: str | None = None) -> None:
    """Publish soon; never wait. What is kept is for those who come late, for some minutes."""
    _teller.say(message, kept_as)


def words_of(run_id: int, words: str, *, task: str, at: int, by: int, keep: bool) -> None:
    """Publish what a model is writing: in which task, where in all that the execution `by` says."""
    message: dict[str, object] = {"run": run_id, "task": task, "delta": words, "at": at, "by": by}
    publish(message, kept_as=said(run_id) if keep else None)


def hint_on_commit(run_id: int, seq: int, *, ended: bool = False) -> None:
    """After the caller's transaction commits, say that `run_id` has events up to `seq`, and whether it has ended."""
    message: dict[str, object] = {"run": run_id, "seq": seq}
    if ended:
        message["ended"] = True
    transaction.on_commit(lambda: publish(message), robust=True)
