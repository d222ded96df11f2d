"""An order whose agents work with tools, and no secret in anything that is left behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import leaks, orders
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
    with workers_with(nexus, site, "agents", NEXUS_AGENT_HOSTS="127.0.0.1"), nexus.client() as client:
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
PLANT = "Rhubarb-and-custard"
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
    with (
        leaks.heard(nexus) as messages,
        workers_with(nexus, site, "agents", "control", **own),
        nexus.client() as client,
    ):
        order = orders.file(client, f"Draft a release checklist for {MARK}, a Django service", tools=["try_asks*"])
        view = orders.settled(client, order)
        wait_for(lambda: any(MARK in one for one in messages), what="words on the wire")
        left = leaks.places(nexus, pages=leaks.pages(nexus), messages=list(messages))
    assert view["sandbox"] is False, "the workers had the provider's key, and not the sandbox's"
    assert sum(CANARIES["TRY_TOKEN"] in asked for asked in site.asked) >= 2, "the tool had its secret"
    assert {"retry", "given_back"} <= {one["outcome"] for task in view["tasks"] for one in task["attempts"]}
    assert leaks.found(left, CANARIES) == set()
    seen = {place for place, _ in leaks.found(left, {"mark": MARK})}
    assert {"table workorders_workorder", "table agents_talk", f"page /api/v2/work-orders/{order}", "messages"} <= seen
    seen = {place for place, _ in leaks.found(left, {"failure": f"{shop}/closed"})}
    told = f"page /api/v2/work-orders/{order}/events"
    assert {"table nexus_effect", "table nexus_event", "table agents_talkturn", told} <= seen, "failures too"
    assert "table gateway_systemlog" in seen, "and what is logged"
    assert any(place.startswith("log of agents ") for place in seen)


def test_the_search_finds_what_is_planted_in_each_kind_of_place(nexus: Stack):
    with leaks.heard(nexus) as messages, nexus.client() as client, nexus.redis() as redis:
        order = orders.file(client, f"Cost report for {PLANT}")
        orders.settled(client, order)
        run = nexus.submit("test.echo", input={"say": PLANT})
        redis.set("nx:plant", PLANT)
        redis.publish("nx:plant", PLANT)
        client.get(f"/api/v2/{PLANT}")
        (nexus.home / "media").mkdir(exist_ok=True)
        (nexus.home / "media" / "plant.txt").write_text(PLANT)
        wait_for(lambda: PLANT in messages, what="the message")
        wait_for(lambda: any(PLANT in line for line in nexus.running["web"].lines), what="the line in the log")
        told = leaks.pages(nexus) | {"an export": client.get("/api/v2/costs.csv?period=all&by=order").text}
        seen = {place for place, _ in leaks.found(leaks.places(nexus, pages=told, messages=messages), {"": PLANT})}
        redis.delete("nx:plant")
    assert run
    assert {
        "table workorders_workorder", "table nexus_task", "redis nx:plant", "messages",
        "file media/plant.txt", f"page /api/v2/work-orders/{order}",
    } <= seen  # fmt: skip
    assert any(place.startswith("log of web ") for place in seen)
