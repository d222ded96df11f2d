"""A body that is too large is refused while it arrives."""

from __future__ import annotations

import json

import pytest

from apps.api.body_limit import SLACK, limited

MOST = 10_000


class Exchange:
    """One request, sent in chunks, and what was answered."""

    def __init__(self, *chunks: bytes, length: int | None = None) -> None:
        self.scope = {"type": "http", "path": "/api/v2/work-orders", "headers": []}
        if length is not None:
            self.scope["headers"].append((b"content-length", str(length).encode()))
        self.left = list(chunks)
        self.sent: list[dict] = []
        self.read = 0

    async def receive(self):
        chunk = self.left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(self.left)}

    async def send(self, message):
        self.sent.append(message)

    async def run(self):
        async def echo(scope, receive, send):
            while (message := await receive())["type"] == "http.request":
                self.read += len(message["body"])
                if not message["more_body"]:
                    await send({"type": "http.response.start", "status": 200, "headers": []})
                    await send({"type": "http.response.body", "body": b"ok"})
                    return

        await limited(echo, most=MOST, more={"/api/v2/attachments": 3 * MOST})(self.scope, self.receive, self.send)
        return self.sent[0]["status"]


async def test_a_body_within_the_limit_passes_as_it_is():
    exchange = Exchange(b"a" * 4_000, b"b" * 6_000)

    assert await exchange.run() == 200
    assert exchange.read == MOST


async def test_a_body_that_says_it_is_too_large_is_not_read():
    exchange = Exchange(b"a" * 1_000, length=50_000_000)

    assert await exchange.run() == 413
    assert exchange.read == 0


@pytest.mark.parametrize("length", [None, 5])
async def test_a_body_that_does_not_say_so_is_cut_off(length):
    exchange = Exchange(*[b"a" * 1_000] * 1_000, length=length)

    assert await exchange.run() == 413
    assert exchange.read <= MOST + SLACK
    assert json.loads(exchange.sent[1]["body"])["code"] == "body_too_large"
    assert len(exchange.left) > 900


async def test_a_path_that_takes_files_takes_more():
    exchange = Exchange(b"a" * 2 * MOST)
    exchange.scope["path"] = "/api/v2/attachments"

    assert await exchange.run() == 200
