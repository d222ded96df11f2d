"""ASGI: plain requests for work are taken at a counter, many in one transaction, without a desk.

What is taken here is a POST with an API key and a small JSON body in which everything is right. Whatever is not, or
might not be, is handed to the ordinary view with its body, and what there is to say of it is said there: the
counter knows no refusal of its own. Both judge by the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer

from apps.accounts.authentication import bearer_of
from nexus.errors import NexusError

from . import idempotency, orders, problems
from .batches import Batches
from .body_limit import Application, Message, Receive, Scope, Send
from .dressing import Dressing, Headers
from .filing import MOST_TOGETHER, Filing, file_together
from .idempotency import Answer, Use
from .known import Callers, Known
from .middleware import id_for
from .shapes import ORDER_MEMBERS, order_of
from .strict_json import NotStrict, loads
from .views.workorders import WorkOrders

PATH = "/api/v2/work-orders"
LARGEST = 64 * 1024
"""Bytes of a body. A larger one takes long enough to read that it shall not hold up the event loop."""
JSON = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})
WEIGHTY = frozenset({b"cookie", b"content-encoding", b"content-type", b"authorization", b"idempotency-key"})
"""Headers that decide who asks and how the body is read: each at most once, or the view sorts it out."""
ALLOWED = (name.upper() for name in WorkOrders.http_method_names if name == "head" or hasattr(WorkOrders, name))
ALLOW = (b"allow", ", ".join(ALLOWED).encode())
"""As the view says it of itself."""


@dataclass(frozen=True)
class _Head:
    """What the headers say of a request that may be taken."""

    token: str
    key: str | None
    request_id: str
    headers: Headers
    """What the middleware adds to its answer."""


class Counter:
    """Takes what is plain, and hands the rest to `application`."""

    def __init__(self, application: Application) -> None:
        """One thread writes, one asks who somebody is; each has its connection to Postgres."""
        self._application = application
        self._dressing = Dressing()
        self._json = JSONRenderer()
        self._callers = Callers(thread=ThreadPoolExecutor(1, thread_name_prefix="web-who"))
        self._batches = Batches(
            file_together, most=MOST_TOGETHER, thread=ThreadPoolExecutor(1, thread_name_prefix="web-intake")
        )
        self._under_way: set[Use] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let it be answered."""
        head = self._head(scope)
        if head is None:
            await self._application(scope, receive, send)
            return
        body = _Body(receive)
        raw = await body.read()
        if raw is None or not await self._take(head, raw, send):
            await self._application(scope, body.again, send)

    def _head(self, scope: Scope) -> _Head | None:
        if scope["path"] != PATH or scope["method"] != "POST" or scope["query_string"]:
            return None
        found: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in found and name in WEIGHTY:
                return None
            found[name] = value
        if found.get(b"content-type") not in JSON or b"cookie" in found or b"content-encoding" in found:
            return None
        token = bearer_of(_text(found, b"authorization") or "")
        headers = self._dressing.of(scope) if token else None
        if token is None or headers is None:
            return None
        return _Head(token, _text(found, b"idempotency-key"), id_for(_text(found, b"x-request-id") or ""), headers)

    async def _take(self, head: _Head, raw: bytes, send: Send) -> bool:
        """File what is asked and answer; False when nothing was written and the view shall judge."""
        try:
            known = await self._callers.by(head.token)
            filing = self._read(head, raw, known) if known else None
        except Exception:  # noqa: BLE001 - nothing is written yet; the view meets the same fault, and tells and logs it
            return False
        if filing is None or filing.use in self._under_way:
            return False
        if filing.use is not None:
            self._under_way.add(filing.use)
        try:
            answer = await self._batches.written(filing)
        except Exception as error:  # noqa: BLE001 - see below
            if not problems.database_is_away(error):
                return False  # rolled back, perhaps because of another in the batch: this one is tried alone
            # The COMMIT may have been carried out. Filing again could make two orders of one request.
            await self._say_problem(head, error, send)
            return True
        finally:
            self._under_way.discard(filing.use) if filing.use else None
        if answer is None:
            return False
        await self._say(head, answer, send)
        return True

    def _read(self, head: _Head, raw: bytes, known: Known) -> Filing | None:
        try:
            body = loads(raw)
            if not isinstance(body, dict):
                return None
            given = order_of(ORDER_MEMBERS.intersection(body)).run_validation(body)
            if given.get("attachments"):
                return None  # whether they are there is a question to the database, which nobody asks here
            asked = orders.asked(given, caller=known.caller, reach=known.reach)
            key = idempotency.well_formed(head.key)
        except (APIException, NexusError, NotStrict):
            return None
        use = None if key is None else Use.of(key, body, caller=known.caller, method="POST", path=PATH)
        return Filing(asked=asked, api_key_id=known.caller.key.pk, use=use) if known.caller.key else None

    async def _say(self, head: _Head, answer: Answer, send: Send) -> None:
        own = [(b"content-type", b"application/json"), (b"location", answer.location.encode()), ALLOW]
        await _send(send, answer.status, head, own, self._json.render(answer.body))

    async def _say_problem(self, head: _Head, error: Exception, send: Send) -> None:
        answer = problems.read(error)
        body = problems.body_of(answer, path=PATH, request_id=head.request_id)
        told = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        own = [(b"content-type", problems.MEDIA_TYPE.encode()), *told]
        await _send(send, answer.status, head, own, self._json.render(body))


class _Body:
    """A body that can be read here first, and then by the application as if nobody had."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read: list[Message] = []

    async def read(self) -> bytes | None:
        """Return all of it; None when it is too large for here, or its client has gone."""
        size = 0
        while True:
            message = await self._receive()
            self._read.append(message)
            size += len(message.get("body", b""))
            if message["type"] != "http.request" or size > LARGEST:
                return None
            if not message.get("more_body", False):
                return b"".join(one.get("body", b"") for one in self._read)

    async def again(self) -> Message:
        """What was read, then what comes."""
        return self._read.pop(0) if self._read else await self._receive()


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    return headers[name].decode("latin-1") if name in headers else None


async def _send(send: Send, status: int, head: _Head, own: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
    sign = (b"x-request-id", head.request_id.encode())
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*own, *head.headers, sign, length]})
    await send({"type": "http.response.body", "body": body})
