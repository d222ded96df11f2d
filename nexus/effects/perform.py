"""Do something outside, as its kind allows: look it up, write the intent, act, keep what came of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import InterfaceError, OperationalError, connection

from nexus.conf import dials
from nexus.crashing import crash
from nexus.errors import LeaseLost, NexusError
from nexus.gates.errors import PeopleAsked
from nexus.telemetry.log import redact

from . import asking, kinds, ledger
from .errors import EffectChanged, EffectFailed
from .kinds import EffectState, Kind
from .ledger import Wanted
from .models import Effect

if TYPE_CHECKING:
    from nexus.execution.context import Context

log = logging.getLogger("nexus.effects")
T = TypeVar("T")
Act = Callable[[str], Mapping[str, Any]]
"""Takes the key to be sent outside; answers JSON. Raises EffectFailed only when it knows that nothing happened."""


@dataclass(frozen=True, kw_only=True)
class Performed:
    """What came of it."""

    response: dict[str, Any]
    replayed: bool
    """Nothing was done now: it was known."""


def _said(reason: str) -> dict[str, Any]:
    return {"said": reason}


def perform(
    context: Context, *, key: str, kind: Kind, name: str, request: Mapping[str, Any], act: Act,
    told: Callable[[str], Mapping[str, Any]] = _said,
) -> Performed:  # fmt: skip
    """Do `act` as its kind allows, or give back what is known of it.

    `key` names it within its task and stays the same when the task runs again. `told` makes a response of a person's
    words. Raise EffectFailed (also when it is replayed), EffectChanged, PeopleAsked where a person has to say whether
    a `once` act happened, what `context` raises, and what `act` raises for the other kinds. ValueError: the caller's.
    """
    kinds.check(key=key, kind=kind)
    hashed = kinds.hash_of(name=name, kind=kind, request=request)
    wanted = Wanted(key=key, kind=kind, name=name, request=request, request_hash=hashed)
    context.check()
    return _read(context, wanted, act) if kind == "read" else _do(context, wanted, act, told)


def _read(context: Context, wanted: Wanted, act: Act) -> Performed:
    known = Effect.objects.known().filter(task_id=context.task_id, key=wanted.key).first()
    if known is not None:
        if known.request_hash != wanted.request_hash:
            raise EffectChanged(effect=known.pk, key=wanted.key)
        return _known(known, replayed=True)
    try:
        response, error = act(""), None
    except EffectFailed as failed:
        if failed.again:
            raise
        response, error = None, _error(failed)
    # Kept although reading again would do no harm: a model that is shown something else is another question to buy.
    return _known(ledger.keep_read(context, wanted, response=response, error=error), replayed=False)


def _do(context: Context, wanted: Wanted, act: Act, told: Callable[[str], Mapping[str, Any]]) -> Performed:
    began = time.monotonic()
    row, mine = ledger.take_up(context, wanted)
    if not mine and row.state == EffectState.INTENT:
        row = ledger.doubt(context, row)  # an earlier execution was about to do it; nobody knows whether it did
    if not mine and row.state == EffectState.UNKNOWN:
        began = time.monotonic()
        row, mine = _decided(context, row, told)
    if not mine:
        return _known(row, replayed=True)
    crash("K12")
    _in_time(row, began)
    return _act(context, row, act)


def _decided(context: Context, row: Effect, told: Callable[[str], Mapping[str, Any]]) -> tuple[Effect, bool]:
    decision = context.decision(asking.checkpoint(row))
    meaning = asking.meaning(row, decision)
    if decision is None or meaning is None:
        raise PeopleAsked(asking.question(row))
    return ledger.follow(context, row, meaning, decision, told=told(decision.reason))


def _in_time(row: Effect, began: float) -> None:
    """Raise LeaseLost when this process slept since it held the task: somebody else may have it, and may be acting."""
    # The clock goes on while a process is stopped. What is left open is the moment between this line and the act.
    if time.monotonic() - began > dials().lease_for / 2:
        _insist(lambda: ledger.fail(row, {"code": "not_begun", "message": "It was not begun in time", "again": True}))
        raise LeaseLost(task_id=row.task_id, fence=row.fence)


def _act(context: Context, row: Effect, act: Act) -> Performed:
    try:
        response = act(str(row.outside_key))
    except EffectFailed as failed:
        error = _error(failed)
        _insist(lambda: ledger.fail(row, error))
        raise
    except Exception as error:  # whatever it is, it says nothing of whether the act happened
        if row.kind != "once":
            raise  # the intent stays, and the next execution repeats it with the same key
        raised = _error(error)
        log.warning("effect %s (%s) may have happened: %s", row.pk, row.name, raised["message"])
        unknown = ledger.doubt(context, row, raised)
        raise PeopleAsked(asking.question(unknown)) from error
    crash("K17")
    if not _insist(lambda: ledger.keep(row, response)):
        log.warning("effect %s (%s): what came of it is known already, or another execution does it", row.pk, row.name)
    crash("K18")
    return _known(Effect.objects.get(pk=row.pk), replayed=False)


def _known(row: Effect, *, replayed: bool) -> Performed:
    if row.state == EffectState.DONE:
        return Performed(response=dict(row.response), replayed=replayed)
    if row.state == EffectState.FAILED:
        error = row.error or {}
        raise EffectFailed(error.get("message"), again=bool(error.get("again")), detail=error.get("detail"))
    raise LeaseLost(task_id=row.task_id, fence=row.fence)  # another execution has taken it up


def _error(error: Exception) -> dict[str, Any]:
    if isinstance(error, EffectFailed):
        return {"code": error.code, "message": redact(str(error)), "again": error.again, "detail": error.detail}
    code = error.code if isinstance(error, NexusError) else type(error).__name__
    return {"code": code, "message": redact(f"{type(error).__name__}: {error}")[:2000]}


def _insist(act: Callable[[], T]) -> T:
    """Do `act`, again while Postgres is away: what came of an effect is known here and nowhere else.

    A COMMIT whose answer was lost may have happened: `act` then finds its row closed and changes nothing.
    """
    until = time.monotonic() + dials().lease_for
    pause = 0.1
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            log.warning("postgres lost while the end of an effect was stored, again in %s s: %s", pause, error)
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(pause)  # the database is away: there is no fact to wait for but its return
            pause = min(2.0, pause * 2)
