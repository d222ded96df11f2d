"""From what a handler answered, or raised, to how the execution ends."""

from __future__ import annotations

import traceback
from random import Random
from typing import assert_never

from django.db import DatabaseError, InterfaceError, OperationalError

from nexus.conf import dials
from nexus.errors import NexusError
from nexus.gates.errors import PeopleAsked
from nexus.gates.rules import Ask
from nexus.settlement.settle import Ending
from nexus.tasks.claims import Claim
from nexus.telemetry.log import redact

from . import handlers, retry
from .outcome import Done, GiveBack, Outcome, Park, Refused, Retry

_random = Random()  # noqa: S311 — jitter, not a secret
LONGEST_MESSAGE = 2000


def of_outcome(held: Claim, outcome: Outcome, *, trace: str | None = None) -> Ending:
    """How `held` ends when its handler answers `outcome`."""
    match outcome:
        case Done(output=output, then=then):
            return Ending(move="completed", output=output, then=handlers.resolved(then))
        case Retry(code=code, message=message, after=after):
            return _after_failure(held, _error(code, message), after, trace)
        case GiveBack(code=code, message=message, after=after):
            return Ending(move="given_back", wait=_error(code, message), error=None, again=after, traceback=trace)
        case Park(code=code, message=message, detail=detail):
            return Ending(move="parked", wait=_error(code, message) | ({"detail": detail} if detail else {}))
        case Ask() as asked:
            return Ending(move="parked", ask=asked)
        case Refused(code=code, message=message):
            return Ending(move="failed", error=_error(code, message), traceback=trace)
        case unknown:
            assert_never(unknown)


def of_exception(held: Claim, error: Exception) -> Ending:
    """How `held` ends when its handler raises: as an anticipated error says; a bug is retried, with its trace."""
    if isinstance(error, NexusError):
        return of_outcome(held, _as_outcome(error))
    trace = redact("".join(traceback.format_exception(error)))[-8000:]
    if isinstance(error, OperationalError | InterfaceError):
        return of_outcome(held, GiveBack(code="database_unavailable", message="Postgres does not answer"), trace=trace)
    code = "database_error" if isinstance(error, DatabaseError) else "handler_error"
    return of_outcome(held, Retry(code=code, message=f"{type(error).__name__}: {error}"), trace=trace)


def lost(held: Claim) -> Ending:
    """How an execution ends whose worker stopped renewing: like a failure, with the next try or without."""
    return _after_failure(held, _error("worker_lost", "The worker died or lost its lease"), None, None)


def _as_outcome(error: NexusError) -> Outcome:
    if isinstance(error, PeopleAsked):
        return error.ask
    match error.disposition:
        case "retry":
            return Retry(code=error.code, message=str(error), after=error.retry_after)
        case "give_back":
            return GiveBack(
                code=error.code, message=str(error), after=5.0 if error.retry_after is None else error.retry_after
            )
        case "park":
            return Park(
                code=error.code, message=str(error), detail={name: str(fact) for name, fact in error.facts.items()}
            )
        case "refuse":
            return Refused(code=error.code, message=str(error))
        case unknown:
            assert_never(unknown)


def _after_failure(held: Claim, error: dict[str, str], after: float | None, trace: str | None) -> Ending:
    if held.attempt >= held.max_attempts:
        return Ending(move="failed", error=error, traceback=trace)
    if after is None:
        turn = dials()
        after = retry.delay(attempt=held.attempt, base=turn.retry_base, cap=turn.retry_cap, random=_random)
    return Ending(move="retry", error=error, wait=error, again=after, traceback=trace)


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": redact(message)[:LONGEST_MESSAGE].replace("\x00", "")}
