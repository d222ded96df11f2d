"""What the live feed reads from Postgres, on a few threads of its own.

A stream lasts as long as its client likes. If each read in a thread of its own request, every stream would keep
a connection to Postgres; here all of them share as many as there are threads.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from apps.accounts.models import ApiKey
from nexus import engine
from workorders import queries

from .lines import Line, of_event

P = ParamSpec("P")
R = TypeVar("R")
AT_ONCE = 500
_THREADS = ThreadPoolExecutor(4, thread_name_prefix="live")


def on_threads(act: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """Let coroutines call `act`, which reads the database."""
    later = DatabaseSyncToAsync(act, thread_sensitive=False, executor=_THREADS)

    @wraps(act)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        result: R = await later(*args, **kwargs)
        return result

    return call


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Events in order, and how far the feed goes."""

    lines: list[Line]
    last_seq: int
    final: bool


@on_threads
def stretch(run_id: int, after: int) -> Stretch | None:
    """Return up to AT_ONCE events after the seq `after`; None when the run is not kept any more."""
    found = engine.feed_after(run_id=run_id, seq=after, most=AT_ONCE)
    if found is None:
        return None
    return Stretch(
        lines=[of_event(queries.happened(one)) for one in found.events],
        last_seq=found.last_seq,
        final=found.state != engine.RunState.OPEN,
    )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How things stand with everything that is listened to, in three questions at most."""

    seqs: dict[int, int]
    keys: frozenset[int]
    sessions: frozenset[str]


@on_threads
def standing(*, runs: Collection[int], keys: Collection[int], sessions: Collection[str]) -> Standing:
    """Return the last seq of each run, and which of the keys and sessions still hold."""
    alive = Session.objects.filter(session_key__in=sessions, expire_date__gt=Now())
    return Standing(
        seqs=dict(engine.runs.filter(pk__in=runs).values_list("pk", "last_seq")) if runs else {},
        keys=frozenset(ApiKey.objects.usable().filter(pk__in=keys).values_list("pk", flat=True))
        if keys
        else frozenset(),
        sessions=frozenset(alive.values_list("session_key", flat=True)) if sessions else frozenset(),
    )
