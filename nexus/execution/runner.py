"""A delivery from start to finish: claim, attempt, settle, go on."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from nexus.conf import dials
from nexus.connections import hand_back
from nexus.crashing import crash
from nexus.errors import GraphInvalid, LeaseLost, NexusError
from nexus.queues.wire import ANSWER
from nexus.settlement.settle import Ending, settle
from nexus.tasks import transitions
from nexus.tasks.claims import Claim, Holder, Settled

from . import ending, handlers
from .context import Context
from .handful import Handful, minder
from .heartbeat import heart
from .outcome import GiveBack
from .pace import pace

log = logging.getLogger("nexus.execution")
PATIENCE, LONGEST_PAUSE = 8.0, 4.0
"""Seconds that a delivery waits for Postgres at least, and between two tries at most."""
NOTHING = Settled(verdict="settled")
"""A settle after which nothing is held."""


def deliver(*, task_id: int, queue: str, holder: Holder) -> str:
    """Answer one doorbell: do its task, or the best of its queue, and go on while the queue has more.

    Doorbells are interchangeable: one that comes twice, late or for nothing finds other work or none. While Postgres
    is away the delivery waits, for a lease at least: a worker that let go would take one doorbell after the other off
    the broker for nothing. Then the dispatcher rings again. What was claimed before is the rescuer's.
    """
    until: float | None = None  # from the first failure on: the delivery may have worked for long before
    pause = 0.0
    while True:
        try:
            return _deliver(task_id, queue, holder)
        except (DatabaseError, InterfaceError) as error:
            # Postgres went away, or did while this thread was idle: its connection is found dead only now.
            log.warning("delivery interrupted task=%s: %s", task_id, error)
            connection.close()
        until = until or time.monotonic() + max(PATIENCE, dials().lease_for)
        if time.monotonic() > until or heart().draining:
            log.error("delivery given up task=%s: it will be rung again", task_id)
            return ANSWER
        time.sleep(pause)  # the database is away: there is no fact to wait for but its return
        pause = min(LONGEST_PAUSE, 2 * pause or 0.5)


def _deliver(task_id: int, queue: str, holder: Holder) -> str:
    if heart().draining:
        return ANSWER  # whatever it claimed now it would give back; the bell is rung again, elsewhere
    until = time.monotonic() + dials().go_on_for
    try:
        first = transitions.claim(task_id, holder, in_turn=True) or transitions.claim_next(queue, holder)
        held: tuple[Claim, ...] = () if first is None else (first,)
        while held:
            crash("K7")
            held = _run_all(held, holder, go_on=time.monotonic() < until)
            crash("K14")
    finally:
        hand_back()  # this thread may wait long for its next doorbell
    crash("K15")
    return ANSWER


def run_one(held: Claim, *, holder: Holder, go_on: bool = False) -> Claim | None:
    """Do one claimed task and settle it; return the task to go on with, held already."""
    return _run(held, holder, go_on=go_on).next


def _run_all(held: Sequence[Claim], holder: Holder, *, go_on: bool) -> tuple[Claim, ...]:
    """Do what is held; return what is held then: the next, and what was taken along with it."""
    if len(held) == 1:
        settled = _run(held[0], holder, go_on=go_on, short=pace.short)
    else:
        settled = _run_handful(held, holder, go_on=go_on)
    return () if settled.next is None else (settled.next, *settled.along)


def _run(held: Claim, holder: Holder, *, go_on: bool, short: tuple[str, ...] = ()) -> Settled:
    context = Context(claim=held)
    try:
        with heart().beating(context):
            end = _end_of(context)
            return _settle(held, end, holder, go_on=go_on and not context.signals.draining, short=short)
    except LeaseLost:
        _say_lost(held)
        return NOTHING


def _run_handful(held: Sequence[Claim], holder: Holder, *, go_on: bool) -> Settled:
    """Do several; settle by one commit those that are done and nothing more, and the others by themselves."""
    last = NOTHING
    with minder.minding(Handful(held, holder)) as ours:
        while not heart().draining and (claim := ours.begin()):
            context = Context(claim=claim)
            try:
                with heart().beating(context):
                    end = _end_of(context)
                    if not end.is_plain:
                        ours.settle_done(go_on=False, short=())
                        on = go_on and not ours.has_more and not heart().draining
                        last = _settle(claim, end, holder, go_on=on, short=pace.short)
            except LeaseLost:
                _say_lost(claim)
                continue
            if end.is_plain:
                ours.keep(claim, end)
            if ours.is_due and ours.has_more:
                ours.settle_done(go_on=False, short=())
        ours.give_back()  # a worker that drains begins no more
        return last if last.next else ours.settle_done(go_on=go_on and not heart().draining, short=pace.short)


def _end_of(context: Context) -> Ending:
    end = attempt(context)
    context.flush()
    crash("K13")
    return end


def _say_lost(held: Claim) -> None:
    log.warning("outcome dropped task=%s fence=%s: its lease is lost", held.task_id, held.fence)


def _settle(held: Claim, end: Ending, holder: Holder, *, go_on: bool, short: tuple[str, ...]) -> Settled:
    try:
        return settle(held, end, holder, go_on=go_on, short=short)
    except GraphInvalid as invalid:
        # What the handler wants to add cannot be run: nothing of it was written.
        return settle(held, ending.of_exception(held, invalid), holder, go_on=False)


def attempt(context: Context) -> Ending:
    """Call the handler; whatever happens, come back with how it ends. Raise LeaseLost: then it is not ours to say."""
    held = context.claim
    known = handlers.handler_of(held.type)
    try:
        if known is None:
            unknown = GiveBack(code="no_handler", message=f"This worker does not know {held.type!r}", after=30)
            return ending.of_outcome(held, unknown)
        began = time.monotonic()
        outcome = known.handle(context)
        pace.note(held.type, time.monotonic() - began)
        return ending.of_outcome(held, outcome)
    except LeaseLost:
        # The rescuer may not have come by yet, and would let us settle; but a lost lease is no answer of the handler's.
        raise
    except Exception as error:
        end = ending.of_exception(held, error)
        is_a_bug = not isinstance(error, NexusError | OperationalError | InterfaceError)
        log.log(
            logging.ERROR if is_a_bug or end.move == "failed" else logging.INFO,
            "task=%s type=%s attempt=%s: %s %s", held.task_id, held.type, held.attempt, end.move, end.error or end.wait,
            exc_info=error if is_a_bug else None, extra={"task_id": held.task_id, "run_id": held.run_id},
        )  # fmt: skip
        return end
