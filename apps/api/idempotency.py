"""One order per Idempotency-Key, whatever the network does.

The key, the order and the stored answer are written in one transaction: either all are there or none. While
one request holds the key, a second is answered 409 at once instead of standing in line for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Caller, caller_of
from nexus import engine

from .errors import BadHeader, KeyReused, StillInProgress
from .models import IdempotencyKey

HEADER = "header:Idempotency-Key"
WELL_FORMED = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
KEPT_FOR = timedelta(hours=24)
"""After this the key may be used for something new."""

_TRY = "SELECT pg_try_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS number"
_USED = """
SELECT place
  FROM unnest(%s::bigint[], %s::text[], %s::text[]) WITH ORDINALITY AS asked (user_id, endpoint, key, place)
  JOIN api_idempotencykey AS used USING (user_id, endpoint, key)
"""


@dataclass(frozen=True)
class Answer:
    """What a POST answers, as it is stored."""

    status: int
    body: dict[str, Any]
    location: str = ""
    replayed: bool = field(default=False, compare=False)

    def as_response(self) -> Response:
        """For DRF."""
        headers = {"Location": self.location} if self.location else {}
        if self.replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(self.body, status=self.status, headers=headers)


@dataclass(frozen=True, kw_only=True)
class Use:
    """One use of a key: whose, where, and for which body."""

    user_id: int
    endpoint: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, key: str, body: Any, *, caller: Caller, method: str, path: str) -> Use:
        """Two API keys of one user that open different projects must not hear each other's answers."""
        bound = caller.key.project_id if caller.key else None
        endpoint = f"{method} {path} project={bound or '*'}"
        return cls(user_id=caller.user.pk, endpoint=endpoint, key=key, fingerprint=fingerprint(body))

    @property
    def name(self) -> str:
        """What no two requests may be answered for at the same time."""
        return f"{self.user_id} {self.endpoint} {self.key}"

    @property
    def number(self) -> int:
        """`name` as Postgres locks it."""
        return int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:8], signed=True)


def remembered(request: Request, act: Callable[[], Answer]) -> Response:
    """Run `act`, which opens transactions of its own, unless the request's key has been answered.

    For acts that change nothing when they are repeated: between the act and its memory a crash may fall, and the
    repeat is then judged by what stands.
    """
    use = use_of(request)
    if use is None:
        return act().as_response()
    with transaction.atomic():
        _hold(use)
        answer = _answered(use)
    if answer is None:
        answer = act()
        with transaction.atomic():
            _hold(use)
            keep([(use, answer)])
    return answer.as_response()


def once(request: Request, act: Callable[[], Answer]) -> Response:
    """Run `act` in a transaction, unless the request's key has been answered: then answer the same again."""
    use = use_of(request)
    with one_transaction():
        answer = act() if use is None else _once(use, act)
    return answer.as_response()


def shown_once(request: Request, act: Callable[[], tuple[Answer, dict[str, str]]]) -> Response:
    """As `once`, for an act that makes a secret: that is in this answer alone, and stored with none."""
    shown: dict[str, str] = {}

    def acted() -> Answer:
        answer, secret = act()
        shown.update(secret)
        return answer

    response = once(request, acted)
    response.data = {**response.data, **shown}
    response.headers["Cache-Control"] = "no-store"
    return response


@contextmanager
def one_transaction() -> Iterator[None]:
    """What is written for requests, their keys and their answers: all of it or nothing."""
    with transaction.atomic():
        yield
        engine.crash("K1")
    engine.crash("K2")


def use_of(request: Request) -> Use | None:
    """The use of the request's Idempotency-Key; None when it has none; raise when it is not well-formed."""
    key = well_formed(request.headers.get("Idempotency-Key"))
    if key is None:
        return None
    return Use.of(key, request.data, caller=caller_of(request), method=str(request.method), path=request.path)


def well_formed(key: str | None) -> str | None:
    """Return the key, or raise."""
    if key is not None and not WELL_FORMED.fullmatch(key):
        raise BadHeader("An Idempotency-Key is 1 to 255 printable ASCII characters.", "bad_idempotency_key", HEADER)
    return key


def fingerprint(body: Any) -> str:
    """Return a digest of the body that does not depend on the order of its keys."""
    text = json.dumps(body, sort_keys=True, default=str, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def fresh(uses: Sequence[Use]) -> list[bool]:
    """Of uses with different names: which of them this transaction now holds, and nobody has been answered for?

    Two statements. The second begins after the locks are held, so it sees what their last holders committed.
    """
    if not uses:
        return []
    held = _held([use.number for use in uses])
    columns: list[Any] = [[use.user_id for use in uses], [use.endpoint for use in uses], [use.key for use in uses]]
    with connection.cursor() as cursor:
        cursor.execute(_USED, columns)
        used = {place - 1 for (place,) in cursor.fetchall()}
    return [is_held and place not in used for place, is_held in enumerate(held)]


def keep(answers: Sequence[tuple[Use, Answer]]) -> None:
    """Remember what was answered."""
    IdempotencyKey.objects.bulk_create(
        [
            IdempotencyKey(
                user_id=use.user_id,
                endpoint=use.endpoint,
                key=use.key,
                fingerprint=use.fingerprint,
                status=answer.status,
                body=answer.body,
                location=answer.location,
            )
            for use, answer in answers
        ],
        # Two moves that ran side by side: the first memory stands, and both said the same.
        ignore_conflicts=True,
    )


def _once(use: Use, act: Callable[[], Answer]) -> Answer:
    _hold(use)
    answer = _answered(use)
    if answer is None:
        answer = act()
        keep([(use, answer)])
    return answer


def _answered(use: Use) -> Answer | None:
    """The answer that was given for `use`; None when there was none, or it is too long ago."""
    used = IdempotencyKey.objects.filter(user=use.user_id, endpoint=use.endpoint, key=use.key)
    used.filter(created_at__lt=Now() - KEPT_FOR).delete()
    before = used.first()
    if before is None:
        return None
    if before.fingerprint != use.fingerprint:
        raise KeyReused(pointer=HEADER)
    return Answer(before.status, before.body, before.location, replayed=True)


def _hold(use: Use) -> None:
    """Hold the key until the transaction ends, or say that another request does."""
    if _held([use.number]) != [True]:
        raise StillInProgress(pointer=HEADER)


def _held(numbers: Sequence[int]) -> list[bool]:
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [list(numbers)])
        return [held for (held,) in cursor.fetchall()]
