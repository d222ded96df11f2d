"""The only writer of an effect's state. Each function is an arrow, or several, of kinds.MOVES.

Who takes an effect up holds its task's row, so executions of one task do it one after the other, and one whose lease
is lost does not do it at all. What came of an act is written without holding anything: whoever acted knows it, however
late. The fence in the guard says that nobody else has taken the effect up since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.db.models.functions import Now

from nexus.errors import IllegalMove, NotThere
from nexus.events import catalog
from nexus.events.append import Said, append
from nexus.gates.rules import Decision
from nexus.tasks import transitions
from nexus.transactions import opens_transaction

from .asking import Meaning
from .errors import EffectChanged
from .kinds import EffectState, Kind, storable
from .models import Effect

if TYPE_CHECKING:
    from nexus.execution.context import Context

REPEATABLE = (EffectState.INTENT, EffectState.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An act that a task wants done."""

    key: str
    kind: Kind
    name: str
    request: Mapping[str, Any]
    request_hash: str


@opens_transaction
def take_up(context: Context, wanted: Wanted) -> tuple[Effect, bool]:
    """The effect of this key, and whether this execution may do it now: then its intent is committed."""
    context.hold()
    row = Effect.objects.filter(task_id=context.task_id, key=wanted.key).first()
    if row is None:
        return _create(context, wanted), True
    if row.request_hash != wanted.request_hash:
        raise EffectChanged(effect=row.pk, key=wanted.key)
    again = row.kind == "idempotent" and row.state in REPEATABLE
    again |= row.state == EffectState.FAILED and bool((row.error or {}).get("again"))
    return _taken_again(row, context) if again else (row, False)


@opens_transaction
def keep_read(context: Context, wanted: Wanted, *, response: Any, error: dict[str, Any] | None) -> Effect:
    """Write what was read; another execution's stays where it was first."""
    context.hold()
    found = Effect.objects.filter(task_id=context.task_id, key=wanted.key).first()
    if found is not None:
        return found
    ended = EffectState.FAILED if error else EffectState.DONE
    return _create(context, wanted, state=ended, response=storable(response), error=error, finished_at=Now())


def _create(context: Context, wanted: Wanted, **more: Any) -> Effect:
    row = Effect.objects.create(
        run_id=context.run_id, task_id=context.task_id, key=wanted.key, kind=wanted.kind, name=wanted.name,
        request=storable(wanted.request), request_hash=wanted.request_hash, fence=context.fence, **more,
    )  # fmt: skip
    row.refresh_from_db(fields=("taken_at", "created_at", "finished_at"))
    return row


def _taken_again(row: Effect, context: Context) -> tuple[Effect, bool]:
    # The caller holds the task, so no other execution is here. One that acted before may write what came of it just
    # now: then the row is closed, this finds nothing, and what it wrote is the answer.
    as_read = Effect.objects.filter(pk=row.pk, state=row.state, fence=row.fence, tries=row.tries)
    moved = as_read.update(
        state=EffectState.INTENT, fence=context.fence, tries=F("tries") + 1, taken_at=Now(), finished_at=None,
        error=None,
    )  # fmt: skip
    return Effect.objects.get(pk=row.pk), bool(moved)


@opens_transaction
def keep(row: Effect, response: Any) -> bool:
    """It happened, and this came of it; False when it is closed, or somebody else has taken it up since."""
    return bool(
        Effect.objects.open_by(row.pk, row.fence).update(
            state=EffectState.DONE, response=storable(response), error=None, finished_at=Now()
        )
    )


@opens_transaction
def fail(row: Effect, error: Mapping[str, Any]) -> bool:
    """It did not happen; False as in keep()."""
    failed = Effect.objects.open_by(row.pk, row.fence)
    return bool(failed.update(state=EffectState.FAILED, error=storable(error), finished_at=Now()))


@opens_transaction
def doubt(context: Context, row: Effect, error: Mapping[str, Any] | None = None) -> Effect:
    """INTENT -> UNKNOWN: nobody knows whether it happened. Returns it as it is then; its end may have come."""
    transitions.lock_run(context.run_id)
    context.hold()
    mine = Effect.objects.filter(pk=row.pk, state=EffectState.INTENT, fence=row.fence)
    if mine.update(state=EffectState.UNKNOWN, error=storable(error)):
        facts = {"effect": row.pk, "name": row.name, "key": row.key, "tried": row.tries}
        append(row.run_id, Said(kind=catalog.EFFECT_UNKNOWN, task_id=row.task_id, data=facts))
    return Effect.objects.get(pk=row.pk)


@opens_transaction
def follow(
    context: Context, row: Effect, meaning: Meaning, decision: Decision, *, told: Mapping[str, Any]
) -> tuple[Effect, bool]:
    """What a person's word makes of an UNKNOWN effect, once; and whether this execution may do it now."""
    transitions.lock_run(context.run_id)
    context.hold()
    mine = Effect.objects.filter(pk=row.pk, state=EffectState.UNKNOWN, fence=row.fence, tries=row.tries)
    if meaning == "do_it":
        moved = mine.update(
            state=EffectState.INTENT, fence=context.fence, tries=F("tries") + 1, taken_at=Now(), error=None,
            approval_id=decision.approval_id,
        )  # fmt: skip
    elif meaning == "it_happened":
        moved = mine.update(
            state=EffectState.DONE, response=storable(told), finished_at=Now(), error=None,
            approval_id=decision.approval_id,
        )  # fmt: skip
    else:
        error = {"code": "left_undone", "message": f"{decision.by or 'time'} left it undone: {decision.reason}"}
        moved = mine.update(
            state=EffectState.FAILED, error=storable(error), finished_at=Now(), approval_id=decision.approval_id
        )
    if moved:
        facts = {"effect": row.pk, "name": row.name, "key": row.key, "means": meaning, "actor": decision.by}
        append(row.run_id, Said(kind=catalog.EFFECT_DECIDED, task_id=row.task_id, data=facts))
    return Effect.objects.get(pk=row.pk), bool(moved) and meaning == "do_it"


@opens_transaction
def leave(effect_id: int) -> bool:
    """INTENT -> UNKNOWN for one whose task is over. Nobody is asked: there is no task to go on with."""
    error = {"code": "left", "message": "Its task ended before it was known what came of it"}
    return bool(Effect.objects.left().filter(pk=effect_id).update(state=EffectState.UNKNOWN, error=error))


@opens_transaction
def close_forsaken(effect_id: int, *, happened: bool, actor: str, reason: str) -> Effect:
    """Write what a person found out about an effect whose task is over: DONE or FAILED. Raise IllegalMove, NotThere.

    Nothing is told in the feed: the run may have ended. A task that is driven again finds what was written.
    """
    row = Effect.objects.filter(pk=effect_id).first()
    if row is None:
        raise NotThere("There is no such effect", effect=effect_id)
    transitions.lock_run(row.run_id)
    said = {"text": f"{actor} said what is true: {reason}"}
    if happened:
        moved = Effect.objects.forsaken().filter(pk=effect_id).update(
            state=EffectState.DONE, response=storable(said), finished_at=Now(), error=None
        )  # fmt: skip
    else:
        error = {"code": "left_undone", "message": f"{actor} found that it did not happen: {reason}"}
        moved = (
            Effect.objects.forsaken()
            .filter(pk=effect_id)
            .update(state=EffectState.FAILED, error=storable(error), finished_at=Now())
        )
    if not moved:
        raise IllegalMove("What became of it is known, or its task is asked about it")
    return Effect.objects.get(pk=effect_id)
