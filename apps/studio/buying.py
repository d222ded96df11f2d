"""An image, a clip, a sound: reserved for, made once, booked with one ledger line.

reserve   behind the intent of the effect; the price is known before, so what is held is what it will cost
make      through the effect ledger: a worker that takes over after a crash asks with the same key, or reads what came
book      once per request id; what a budget held is spending then

A task that was cancelled in between leaves a reservation, or a file that nobody booked: `close_left` sees to both.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from agents.workspace.files import Workspace, workspace_of
from billing import alarms, budgets, ledger, pricebook, prices, reservations
from billing.errors import BudgetExceeded
from billing.models import Hold, LedgerEntry, Price
from billing.prices import Usage
from nexus import engine
from nexus.transactions import opens_transaction

from .errors import MediaFailed
from .media.maker import Wanted, maker
from .models import Film

PROVIDER: Final = "media"
EFFECT: Final = "studio.media"
MODELS: Final = {"image": "image-1", "video": "video-1", "music": "music-1", "voice": "voice-1"}
ENDINGS: Final = {"image": "png", "video": "webp", "music": "wav", "voice": "wav"}


@dataclass(frozen=True, kw_only=True)
class Bought:
    """A file in the workspace of the film, and what it cost."""

    path: str
    cost: Decimal

    def wire(self) -> dict[str, str]:
        """As outputs have it."""
        return {"artifact_url": self.path, "cost_usd": format(self.cost, "f")}


def units(wanted: Wanted) -> int:
    """What is paid for: one picture, or thousandths of a second."""
    return 1 if wanted.kind == "image" else max(1, round(wanted.seconds * 1000))


def price(wanted: Wanted) -> tuple[Price, Decimal]:
    """What it costs, from the price book; raise UnknownPrice."""
    found = pricebook.price_of(PROVIDER, MODELS[wanted.kind], timezone.now(), 1)
    return found, prices.cost(found, _usage(wanted))


def _usage(wanted: Wanted) -> Usage:
    return Usage(input_tokens=0, output_tokens=units(wanted))


def workspace(film: Film) -> Workspace:
    """Where the film's files are."""
    return workspace_of(project=str(film.project_id), order=film.order.public_id)


def buy(context: engine.Context, film: Film, wanted: Wanted, *, name: str, key: str = "file") -> Bought:
    """Have it made and put at `name`: the same file for the same key. Raise MediaFailed, BudgetExceeded."""
    asked, cost = _asked(context, wanted, name=name, key=key)
    # An earlier try may have asked while the film worked with another quality, or with other words.
    same = replace(wanted, prompt=asked["prompt"], seconds=asked["seconds"], quality=asked["quality"])

    def make(outside_key: str) -> dict[str, Any]:
        try:
            alarms.warn(_reserve(context, asked, cost), by=context)
            data = maker().make(same, key=outside_key)
        except (BudgetExceeded, MediaFailed) as failed:
            raise engine.EffectFailed(str(failed), again=True) from failed
        workspace(film).write(asked["name"], data)
        return {"path": asked["name"], "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    try:
        engine.perform(context, key=key, kind="idempotent", name=EFFECT, request=asked, act=make)
    except engine.EffectFailed as failed:
        if isinstance(failed.__cause__, BudgetExceeded):
            raise failed.__cause__ from None
        _release(UUID(asked["request_id"]))
        raise MediaFailed(str(failed)) from failed
    _book(asked, cost, run_id=context.run_id, task_id=context.task_id, task_key=context.key)
    return Bought(path=asked["name"], cost=cost)


def _asked(context: engine.Context, wanted: Wanted, *, name: str, key: str) -> tuple[dict[str, Any], Decimal]:
    """What is asked for, as the effect ledger keeps it, and what it costs: as the first try of this task had it."""
    before = engine.effects.filter(task_id=context.task_id, key=key).values_list("request", flat=True).first()
    if before is not None:
        known = Price.objects.get(pk=before["price"])
        return dict(before), prices.cost(known, Usage(input_tokens=0, output_tokens=before["units"]))
    found, cost = price(wanted)
    asked = {
        "kind": wanted.kind, "prompt": wanted.prompt, "seconds": wanted.seconds, "quality": wanted.quality,
        "units": units(wanted), "price": found.pk, "agent": str(context.input.get("agent", "ChefAgent"))[:32],
        # The same for every try of this task: what was booked once is not booked again.
        "request_id": str(uuid5(NAMESPACE_OID, f"nexus.media:{context.task_id}:{key}")),
        "backup": wanted.backup, "name": name,
    }  # fmt: skip
    return asked, cost


@opens_transaction
def _reserve(context: engine.Context, asked: dict[str, Any], cost: Decimal) -> list[reservations.Standing]:
    """Hold what it costs in every budget that it concerns, unless an earlier execution holds it, or has spent it."""
    context.hold()
    request_id = UUID(asked["request_id"])
    if Hold.objects.filter(request_id=request_id, open=True).exists() or _is_booked(request_id):
        return []
    Hold.objects.filter(request_id=request_id).delete()  # of a try that cost nothing
    scopes = (
        ("project", context.tenant), ("order", context.subject), ("role", asked["agent"]), ("day", budgets.today()),
    )  # fmt: skip
    return reservations.reserve(request_id=request_id, scopes=scopes, amount=cost)


@opens_transaction
def _release(request_id: UUID) -> None:
    reservations.release(request_id=request_id)


@opens_transaction
def _book(asked: dict[str, Any], cost: Decimal, *, run_id: int, task_id: int, task_key: str) -> bool:
    run = engine.runs.values_list("tenant", "subject").get(pk=run_id)
    return ledger.charge(
        request_id=UUID(asked["request_id"]), amount=cost, quality="reported", price_id=asked["price"],
        provider=PROVIDER, model=MODELS[asked["kind"]], role=asked["agent"], project=run[0], order=run[1],
        run_id=run_id, task_id=task_id, task_key=task_key, usage=Usage(input_tokens=0, output_tokens=asked["units"]),
    )  # fmt: skip


def _is_booked(request_id: UUID) -> bool:
    return LedgerEntry.objects.filter(request_id=request_id, kind=LedgerEntry.Kind.CHARGE).exists()


@engine.chore(every=30)
def close_left() -> int:
    """Book what was made, and let go of what was not, for tasks that are over; return how many."""
    over = engine.effects.filter(name=EFFECT, task__finished_at__isnull=False)
    open_hold = Hold.objects.filter(open=True, request_id=OuterRef("outside"))
    closed = 0
    for effect in _with_request(over, open_hold):
        closed += _close(effect)
    return closed


def _with_request(over: Any, open_hold: Any) -> list[engine.Effect]:
    from django.db.models import UUIDField
    from django.db.models.fields.json import KeyTextTransform
    from django.db.models.functions import Cast

    named = over.annotate(outside=Cast(KeyTextTransform("request_id", "request"), UUIDField()))
    left = named.annotate(hold=Subquery(open_hold.values("id")[:1])).filter(hold__isnull=False)
    return list(left.select_related("task").order_by("id")[:100])


def _close(effect: engine.Effect) -> bool:
    asked = dict(effect.request)
    if effect.state != engine.EffectState.DONE:
        _release(UUID(asked["request_id"]))
        return True
    cost = Hold.objects.filter(request_id=asked["request_id"]).values_list("amount", flat=True)[0]
    return _book(asked, cost, run_id=effect.run_id, task_id=effect.task_id, task_key=effect.task.key)
