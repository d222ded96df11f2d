"""Updates as rows: each is kept once, and handled once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from nexus.transactions import requires_transaction

from . import markup, outbox
from .errors import HandledAlready
from .models import Update

TRIES = 3
KINDS = ("message", "callback_query", "my_chat_member")
"""What the bot asks Telegram for: no edited messages, since an order is not filed twice."""


@requires_transaction
def keep(payloads: Sequence[Mapping[str, Any]]) -> None:
    """Keep updates; those that are there already stay as they are."""
    kept = [_storable(one) for one in payloads]
    rows = [Update(update_id=one["update_id"], chat_id=_chat_of(one), payload=one) for one in kept]
    Update.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        outbox.call("hear")


@contextmanager
def handled(update: Update) -> Iterator[None]:
    """A transaction that marks the update as handled, with what is written in it. Raise HandledAlready.

    Whoever handles the same update waits for its row, and finds it handled: an order is filed once.
    """
    with transaction.atomic():
        if not Update.objects.filter(pk=update.pk, handled_at__isnull=True).update(handled_at=Now()):
            raise HandledAlready
        yield


def try_again(update: Update, why: str) -> bool:
    """Let it be handled again in a moment; False, and it is over, when that was the last time."""
    later = Now() + timedelta(seconds=2 ** (update.tries + 1))
    Update.objects.filter(pk=update.pk).update(tries=F("tries") + 1, due_at=later, error=why[:1_000])
    return update.tries + 1 < TRIES


def _storable(told: Any) -> Any:
    """The same without what Postgres does not store: NUL, and halves of pairs. One update must not stop the others."""
    if isinstance(told, str):
        return markup.whole(told)
    if isinstance(told, Mapping):
        return {markup.whole(str(name)): _storable(value) for name, value in told.items()}
    return [_storable(one) for one in told] if isinstance(told, list) else told


def _chat_of(payload: Mapping[str, Any]) -> int | None:
    """Where it happened, if that can be told: updates of one chat are handled in order."""
    for kind in KINDS:
        told = payload.get(kind)
        if isinstance(told, Mapping):
            around = told.get("message") if kind == "callback_query" else told
            chat = around.get("chat") if isinstance(around, Mapping) else None
            number = chat.get("id") if isinstance(chat, Mapping) else None
            return number if isinstance(number, int) and abs(number) < 2**63 else None
    return None
