"""One order per Idempotency-Key, whatever the network does.

The key, the order and the stored answer are written in one transaction: either all are there or none. While
one request holds the key, a second is answered 409 at once instead of standing in line for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import caller_of
from nexus import engine

from .errors import BadHeader, KeyReused, StillInProgress
from .models import IdempotencyKey

HEADER = "header:Idempotency-Key"
WELL_FORMED = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
KEPT_FOR = timedelta(hours=24)
"""After this the key may be used for something new."""


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


def remembered(request: Request, act: Callable[[], Answer]) -> Response:
    """Run `act`, which opens transactions of its own, unless the request's key has been answered.

    For acts that change nothing when they are repeated: between the act and its memory a crash may fall, and the
    repeat is then judged by what stands.
    """
    key = key_of(request)
    if key is None:
        return act().as_response()
    with transaction.atomic():
        _hold(request, key)
        answer = _answered(request, key)
    if answer is None:
        answer = act()
        with transaction.atomic():
            _hold(request, key)
            _keep(request, key, answer)
    return answer.as_response()


def once(request: Request, act: Callable[[], Answer]) -> Response:
    """Run `act` in a transaction, unless the request's key has been answered: then answer the same again."""
    key = key_of(request)
    with transaction.atomic():
        answer = act() if key is None else _once(request, key, act)
        engine.crash("K1")
    engine.crash("K2")
    return answer.as_response()


def key_of(request: Request) -> str | None:
    """Return the request's Idempotency-Key; None when there is none; raise when it is not well-formed."""
    key: str | None = request.headers.get("Idempotency-Key")
    if key is not None and not WELL_FORMED.fullmatch(key):
        raise BadHeader("An Idempotency-Key is 1 to 255 printable ASCII characters.", "bad_idempotency_key", HEADER)
    return key


def fingerprint(body: Any) -> str:
    """Return a digest of the body that does not depend on the order of its keys."""
    text = json.dumps(body, sort_keys=True, default=str, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _once(request: Request, key: str, act: Callable[[], Answer]) -> Answer:
    _hold(request, key)
    answer = _answered(request, key)
    if answer is None:
        answer = act()
        _keep(request, key, answer)
    return answer


def _answered(request: Request, key: str) -> Answer | None:
    """The answer that was given for `key`; None when there was none, or it is too long ago."""
    used = IdempotencyKey.objects.filter(user=caller_of(request).user, endpoint=_endpoint(request), key=key)
    used.filter(created_at__lt=Now() - KEPT_FOR).delete()
    before = used.first()
    if before is None:
        return None
    if before.fingerprint != fingerprint(request.data):
        raise KeyReused(pointer=HEADER)
    return Answer(before.status, before.body, before.location, replayed=True)


def _keep(request: Request, key: str, answer: Answer) -> None:
    IdempotencyKey.objects.bulk_create(
        [
            IdempotencyKey(
                user=caller_of(request).user,
                endpoint=_endpoint(request),
                key=key,
                fingerprint=fingerprint(request.data),
                status=answer.status,
                body=answer.body,
                location=answer.location,
            )
        ],
        # Two moves that ran side by side: the first memory stands, and both said the same.
        ignore_conflicts=True,
    )


def _endpoint(request: Request) -> str:
    # Two API keys of one user that open different projects must not hear each other's answers.
    key = caller_of(request).key
    return f"{request.method} {request.path} project={key.project_id if key and key.project_id else '*'}"


def _hold(request: Request, key: str) -> None:
    """Hold the key until the transaction ends, or say that another request does."""
    name = f"{request.user.pk} {_endpoint(request)} {key}"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (held,) = cursor.fetchone()
    if not held:
        raise StillInProgress(pointer=HEADER)
