"""An order whose agents work with tools, and no secret in anything that is left behind."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from psycopg import sql

from tests.support import orders
from tests.support.rivals import wait_for
from tests.support.stack import CANARIES, Stack
from tests.support.websites import World, page, world

NOTES = "The freeze begins on Thursday."
SECTIONS = {"contains": ['<task kind="section">', "notes/freeze.txt"]}


@pytest.fixture
def site() -> Iterator[World]:
    with world() as site:
        yield site


@contextlib.contextmanager
def workers_with(nexus: Stack, site: World, *names: str, **env: str) -> Iterator[None]:
    """These workers may ask the site, which is on loopback; afterwards the usual ones are started again."""
    allowed = {"NEXUS_HTTP_ALLOW": "127.0.0.0/8", "NEXUS_HTTP_PORTS": str(site.port)}
    nexus.kill(*names)
    for name in names:
        nexus.start_worker(name, wait=False, **allowed, **env)
    for name in names:
        nexus.running[name].says("ready.")
    try:
        yield
    finally:
        nexus.kill(*names)


def use(name: str, **given: Any) -> dict[str, Any]:
    return {"name": name, "input": given}


def played(nexus: Stack, *turns: dict[str, Any], match: dict[str, Any]) -> None:
    with nexus.sandbox() as sandbox:
        sandbox.post("/scenarios", json={"match": match, "times": None, "turns": list(turns)}).raise_for_status()


@pytest.fixture(autouse=True)
def nothing_is_scripted(nexus: Stack) -> Iterator[None]:
    yield
    with nexus.sandbox() as sandbox:
        sandbox.delete("/scenarios")


def test_read_its_files_ask_the_web_write_a_result_and_deliver(nexus: Stack, site: World):
    site.pages["/rules"] = page(b"Never deploy on Fridays.")
    rules = f"http://127.0.0.1:{site.port}/rules"
    played(
        nexus,
        {"tool_calls": [use("read_file", path="notes/freeze.txt"), use("web_fetch", url=rules)]},
        {"tool_calls": [use("write_file", path="result.md", content="Freeze Thursday, rest Friday.")]},
        match=SECTIONS,
    )
    with workers_with(nexus, site, "agents"), nexus.client() as client:
        order = orders.file(client, files=[{"name": "notes/freeze.txt", "content": NOTES}], tools=["read_file", "w*"])
        view = orders.settled(client, order)
        events = orders.events(client, order)
    ended = [event["data"] for event in events if event["kind"] == "tool.ended"]
    assert {(one["tool"], one["effect"], one["is_error"]) for one in ended} == {
        ("read_file", "read", False), ("web_fetch", "read", False), ("write_file", "idempotent", False),
    }  # fmt: skip
    assert any(NOTES in one["text"] for one in ended)
    assert any("Never deploy on Fridays." in one["text"] for one in ended)
    sections = [task["key"] for task in view["tasks"] if task["type"] == "section"]
    assert len(ended) == 3 * len(sections)
    assert len(site.asked) == len(sections), "each asked once"
    (written,) = Path(nexus.env["MEDIA_ROOT"]).glob(f"workspaces/**/{order}/**/result.md")
    assert written.read_text() == "Freeze Thursday, rest Friday."
    assert view["deliverable"]["text"]
    orders.assert_settled_once(nexus)
    orders.assert_books_balance(nexus)


# --- Secrets --------------------------------------------------------------------------------------


MARK = "Marmalade-on-toast"
"""What is no secret, and is found by whoever looks as the tests look."""


def test_no_secret_is_in_anything_that_is_left_behind(nexus: Stack, site: World):
    site.pages["/shop"] = page(b"You sent Bearer " + CANARIES["TRY_TOKEN"].encode())
    shop = f"http://127.0.0.1:{site.port}"
    played(
        nexus,
        {"tool_calls": [use("try_asks_a_shop", url=f"{shop}/closed")]},
        {"tool_calls": [use("try_asks_a_shop", url=f"{shop}/shop")]},
        match={"contains": ['<task kind="section">', MARK]},
    )
    with nexus.sandbox() as sandbox:
        for status in (500, 529):  # an attempt is spent, and one is given back; both name the key
            told = {"type": "api_error", "message": f"no good: {CANARIES['ANTHROPIC_API_KEY']}"}
            do = {"status": status, "error": told, "retry_after": 1}
            script = {"match": {"contains": ['<task kind="plan">', MARK]}, "times": 1, "do": do}
            sandbox.post("/scenarios", json=script).raise_for_status()
    own = {"NEXUS_SANDBOX_URL": "", "ANTHROPIC_BASE_URL": nexus.sandbox_url, "NEXUS_RETRY_CAP": "0.5"}
    with heard(nexus) as messages, workers_with(nexus, site, "agents", "control", **own), nexus.client() as client:
        order = orders.file(client, f"Draft a release checklist for {MARK}, a Django service", tools=["try_asks*"])
        view = orders.settled(client, order)
        pages = [
            client.get(path).text
            for path in (
                f"/api/v2/work-orders/{order}", f"/api/v2/work-orders/{order}/ledger", "/api/v2/work-orders/none",
                f"/api/v2/work-orders/{order}/events", "/api/v2/dead-letters", "/api/v2/costs", "/metrics", "/readyz",
            )
        ]  # fmt: skip
        wait_for(lambda: any(MARK in one for one in messages), what="words on the wire")
        left = left_behind(nexus, pages=pages, messages=list(messages))
    assert view["sandbox"] is False, "the workers had the provider's key, and not the sandbox's"
    assert sum(CANARIES["TRY_TOKEN"] in asked for asked in site.asked) >= 2, "the tool had its secret"
    assert {"retry", "given_back"} <= {one["outcome"] for task in view["tasks"] for one in task["attempts"]}
    found = {(place, name) for place, text in left.items() for name, secret in CANARIES.items() if secret in text}
    assert found == set()
    seen = {place for place, text in left.items() if MARK in text}
    assert {"table workorders_workorder", "table agents_talk", "pages", "messages"} <= seen, "the search finds things"
    seen = {place for place, text in left.items() if f"{shop}/closed" in text}
    assert {"table nexus_effect", "table nexus_event", "table agents_talkturn", "pages"} <= seen, "failures too"


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


def left_behind(nexus: Stack, *, pages: list[str], messages: list[str]) -> dict[str, str]:
    """Place -> all of its text: logs, tables, Redis, files, the provider's journal, and what was answered."""
    found = {"pages": "\n".join(pages), "messages": "\n".join(messages)}
    found |= {f"log of {one.name} {one.pid}": "\n".join(one.lines) for one in nexus.ever}
    tables = nexus.rows("SELECT relname FROM pg_stat_user_tables")
    for (table,) in tables:
        rows = nexus.rows(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))  # type: ignore[arg-type]
        found[f"table {table}"] = "\n".join(row for (row,) in rows)
    with nexus.redis() as client:
        found |= {f"redis {key!r}": str(_value(client, key)) for key in client.scan_iter()}
    with nexus.sandbox() as sandbox:
        found["the provider's journal"] = json.dumps(sandbox.get("/journal").json())
    for path in Path(nexus.home).rglob("*"):
        if path.is_file():
            found[f"file {path.name}"] = path.read_bytes().decode("latin-1")
    return found


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
        case kind:
            raise AssertionError(f"{key!r} is a {kind!r}, and nobody has looked into it")
