"""Where something is found of all that a stack leaves behind: logs, rows, events, messages, pages, exports, files.

The journeys' stack is searched when its session ends, after whatever ran on it: see `secrets`.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import redis
from psycopg import sql

from .stack import CANARIES, Stack

PAGES = (
    "/readyz", "/metrics", "/openapi.json", "/api/v2/health", "/api/v2/work-orders", "/api/v2/sessions",
    "/api/v2/approvals", "/api/v2/dead-letters", "/api/v2/costs", "/api/v2/budgets", "/api/v2/tools",
    "/api/v2/work-orders/none", "/api/v2/work-orders?page_size=none", "/api/v2/nothing-here",
)  # fmt: skip
"""What anybody with a key may read, and what they are told when there is no such thing."""
EXPORTS = tuple(
    f"/api/v2/costs.csv?period=all&by={by}" for by in ("role", "model", "project", "order", "day")
)  # fmt: skip


def secrets(nexus: Stack) -> set[tuple[str, str]]:
    """Each place where one of the stack's secrets is found, with its name: none, unless something leaks."""
    return found(places(nexus, pages=pages(nexus)), CANARIES)


def found(left: dict[str, str], marks: dict[str, str]) -> set[tuple[str, str]]:
    """Each place where one of `marks` stands, with the mark's name."""
    return {(place, name) for place, text in left.items() for name, mark in marks.items() if mark in text}


def pages(nexus: Stack) -> dict[str, str]:
    """What the API answers: the lists, what belongs to each thing in them, exports, refusals."""
    with nexus.client() as client:
        told = {path: client.get(path).text for path in (*PAGES, *EXPORTS)}
        for kind, below in (("work-orders", ("", "/events", "/ledger")), ("sessions", ("", "/messages"))):
            for one in _listed(client, f"/api/v2/{kind}?page_size=100"):
                told |= {path: client.get(path).text for path in (f"/api/v2/{kind}/{one}{more}" for more in below)}
        refused = client.post("/api/v2/work-orders", json={"message": "", "budget_usd": CANARIES["TRY_TOKEN"][::-1]})
        return told | {"a refusal": refused.text}


def _listed(client: httpx2.Client, path: str) -> list[str]:
    answer = client.get(path).json()
    rows = answer.get("results", answer.get("data", []))
    return [str(row.get("id") or row.get("session_id")) for row in rows]


def places(
    nexus: Stack, *, pages: dict[str, str] | None = None, messages: list[str] | None = None
) -> dict[str, str]:  # fmt: skip
    """Place -> all of its text."""
    left = {f"page {path}": text for path, text in (pages or {}).items()} | {"messages": "\n".join(messages or [])}
    left |= {f"log of {one.name} {one.pid}": "\n".join(one.lines) for one in nexus.ever}
    for (table,) in nexus.rows("SELECT relname FROM pg_stat_user_tables"):
        rows = nexus.rows(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))  # type: ignore[arg-type]
        left[f"table {table}"] = "\n".join(row for (row,) in rows)
    with nexus.redis() as client:
        left |= {f"redis {key.decode('utf-8', 'replace')}": str(_value(client, key)) for key in client.scan_iter()}
    with nexus.sandbox() as sandbox:
        left["the provider's journal"] = json.dumps(sandbox.get("/journal").json())
    for path in Path(nexus.home).rglob("*"):
        if path.is_file():
            left[f"file {path.relative_to(nexus.home)}"] = path.read_bytes().decode("latin-1")
    return left


@contextlib.contextmanager
def heard(nexus: Stack) -> Iterator[list[str]]:
    """Everything that is published while the block runs."""
    messages: list[str] = []
    client = nexus.redis()
    channel = client.pubsub(ignore_subscribe_messages=True)
    channel.psubscribe("*")
    over = threading.Event()

    def hear() -> None:
        while not over.is_set():
            if (said := channel.get_message(timeout=0.2)) is not None:
                messages.append(said["data"].decode("utf-8", "replace"))

    thread = threading.Thread(target=hear, daemon=True)
    thread.start()
    try:
        yield messages
    finally:
        over.set()
        thread.join(5)
        channel.close()
        client.close()


def _value(client: redis.Redis, key: bytes) -> Any:
    match client.type(key):
        case b"string":
            return client.get(key)
        case b"list":
            return client.lrange(key, 0, -1)
        case b"hash":
            return client.hgetall(key)
        case b"set":
            return client.smembers(key)
        case b"zset":
            return client.zrange(key, 0, -1)
        case b"none":  # it was there when the keys were listed, and is not left behind
            return None
        case kind:
            raise AssertionError(f"{key!r} is a {kind!r}, and nobody has looked into it")
