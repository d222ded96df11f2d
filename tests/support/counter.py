"""The counter of the API without a server around it: requests at once, and what was handed over to the view."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.api.counter import PATH, Counter

from .people import Person

HANDED_OVER = 299


@dataclass(frozen=True)
class Asking:
    """A request to be."""

    person: Person
    body: Any
    key: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        """The body as it travels."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    @property
    def head(self) -> dict[str, str]:
        """The headers as they travel."""
        told = {"authorization": f"Bearer {self.person.token}", "content-type": "application/json"}
        return told | ({"idempotency-key": self.key} if self.key else {}) | self.headers


@dataclass(frozen=True)
class Said:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any


def at_once(requests: Sequence[Asking]) -> list[Said]:
    """Send all of them in the same moment; what the counter does not take comes back as HANDED_OVER with its body."""

    async def all_of_them() -> list[Said]:
        counter = Counter(_hand_back)
        return list(await asyncio.gather(*(_ask(counter, one) for one in requests)))

    return asyncio.run(all_of_them())


async def _ask(counter: Counter, request: Asking) -> Said:
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": PATH, "root_path": "",
        "raw_path": PATH.encode(), "query_string": b"", "server": ("testserver", 80), "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"testserver"), *((n.encode(), v.encode()) for n, v in request.head.items())],
    }  # fmt: skip
    half = len(request.raw) // 2
    parts = [
        {"type": "http.request", "body": request.raw[:half], "more_body": True},
        {"type": "http.request", "body": request.raw[half:], "more_body": False},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await counter(scope, receive, send)
    start, *rest = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Said(start["status"], headers, json.loads(b"".join(one["body"] for one in rest) or b"null"))


async def _hand_back(scope: Any, receive: Any, send: Any) -> None:
    """The application behind the counter: reads the body to its end, and gives it back."""
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            break
    await send({"type": "http.response.start", "status": HANDED_OVER, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(body.decode("latin-1")).encode()})
