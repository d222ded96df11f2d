"""A delivery from start to finish: claim, attempt, settle, go on."""

from __future__ import annotations

import logging
import time

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from nexus.conf import dials
from nexus.connections import hand_back
from nexus.crashing import crash
from nexus.errors import GraphInvalid, LeaseLost, NexusError
from nexus.queues.wire import ANSWER
from nexus.settlement.settle import Ending, settle
from nexus.tasks import transitions
from nexus.tasks.claims import Claim
from nexus.tasks.transitions import Holder

from . import ending, handlers
from .context import Context
from .heartbeat import heart
from .outcome import GiveBack

log = logging.getLogger("nexus.execution")
PATIENCE, LONGEST_PAUSE = 8.0, 4.0
"""Seconds that a delivery waits for Postgres at least, and between two tries at most."""


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
        held = transitions.claim(task_id, holder, in_turn=True) or transitions.claim_next(queue, holder)
        while held is not None:
            crash("K7")
            held = run_one(held, holder=holder, go_on=time.monotonic() < until)
            crash("K14")
    finally:
        hand_back()  # this thread may wait long for its next doorbell
    crash("K15")
    return ANSWER


def run_one(held: Claim, *, holder: Holder, go_on: bool = False) -> Claim | None:
    """Do one claimed task and settle it; return the task to go on with, held already."""
    context = Context(claim=held)
    with heart().beating(context):
        try:
            end = attempt(context)
            context.flush()
            crash("K13")
            return settle(held, end, holder, go_on=go_on and not context.signals.draining).next
        except GraphInvalid as invalid:
            # What the handler wants to add cannot be run: nothing of it was written.
            return settle(held, ending.of_exception(held, invalid), holder, go_on=False).next
        except LeaseLost:
            log.warning("outcome dropped task=%s fence=%s: its lease is lost", held.task_id, held.fence)
            return None


def attempt(context: Context) -> Ending:
    """Call the handler; whatever happens, come back with how it ends. Raise LeaseLost: then it is not ours to say."""
    held = context.claim
    known = handlers.handler_of(held.type)
    try:
        if known is None:
            unknown = GiveBack(code="no_handler", message=f"This worker does not know {held.type!r}", after=30)
            return ending.of_outcome(held, unknown)
        return ending.of_outcome(held, known.handle(context))
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
