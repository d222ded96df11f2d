"""Hints to whoever listens: "run X is at seq N", and the words a model is writing. Lost safely.

They are sent by a thread of their own, in the order in which they were said, many in one round trip: a worker
neither waits for Redis nor pays a round trip for each event.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import threading
from collections import deque

import redis
from django.conf import settings
from django.db import transaction

from nexus.queues.breaker import Breaker
from nexus.queues.keys import HINT, said
from nexus.queues.leaving import leave

log = logging.getLogger("nexus.events")
PAUSE = 0.003
"""Seconds between two sends: what is said meanwhile goes together. Nobody waits for it but at the end of a run."""
KEPT_FOR = 600
"""Seconds for which words are kept after the last of them: longer than any pause in an answer."""
MOST = 10_000
"""Messages that wait at most; the oldest go first when Redis is slower than what is said."""


class _Teller:
    """What this process has to say, and the thread that says it. The thread starts with the first message."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, str | None]] = deque(maxlen=MOST)
        self._said = threading.Event()
        self._at_once = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._breaker = Breaker(tries=1, quiet_for=2.0)
        self._client: redis.Redis | None = None

    def say(self, message: dict[str, object], kept_as: str | None = None) -> None:
        """Put it in line; a deque takes from several threads at once."""
        if self._breaker.is_open:
            return
        self._waiting.append((json.dumps(message), kept_as))
        self._said.set()
        if "ended" in message:
            self._at_once.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="nexus-hints", daemon=True)
                    self._thread.start()
                    atexit.register(self.send)

    def _run(self) -> None:
        while True:
            self._said.wait()
            self._said.clear()
            self.send()
            self._at_once.wait(PAUSE)
            self._at_once.clear()

    def send(self) -> None:
        """Send what waits; a Redis that does not answer is left alone for two seconds.

        Called by the thread, and once more by the one that ends the process: each takes what the other has not.
        """
        with self._lock:
            messages = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not messages or self._breaker.is_open:
            return
        if self._client is None:
            # Short waits: a hint that comes late is worth nothing.
            self._client = redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None, health_check_interval=0
            )
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                for message, kept_as in messages:
                    if kept_as is not None:  # before it is told: who hears of a gap finds what fills it
                        pipeline.rpush(kept_as, message)
                        pipeline.expire(kept_as, KEPT_FOR)
                    pipeline.publish(HINT, message)
                pipeline.execute()
        except (redis.RedisError, OSError) as error:  # nothing may end the thread: nobody starts another
            self._breaker.failed()
            leave(self._client)
            log.info("%s hints not sent: %s", len(messages), type(error).__name__)


_tellers: dict[int, _Teller] = {}


def publish(message: dict[str, object], *, kept_as: str | None = None) -> None:
    """Publish soon; never wait. A forked child gets a teller of its own: threads do not survive a fork.

    What is kept is for those who come late, for some minutes.
    """
    teller = _tellers.get(os.getpid()) or _tellers.setdefault(os.getpid(), _Teller())
    teller.say(message, kept_as)


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
