"""Chains and chords, read off the broker."""

from __future__ import annotations

import base64
import json
import signal
from typing import Any

from tests.support import orders
from tests.support.rivals import wait_for
from tests.support.stack import Stack


def bells(nexus: Stack, queue: str) -> list[dict[str, Any]]:
    """The doorbells that wait in a queue: headers, and the canvas embedded in the body."""
    with nexus.redis() as client:
        raw = [json.loads(one) for one in client.lrange(f"nx:{queue}", 0, -1)]
    return [{**one["headers"], "embed": json.loads(base64.b64decode(one["body"]))[2]} for one in raw]


def test_an_order_travels_as_a_chain_and_a_chord_and_a_flush_between_costs_no_join(nexus: Stack):
    with nexus.sandbox() as sandbox:
        sandbox.post(
            "/scenarios", json={"match": {"contains": '<task kind="outline">'}, "times": 1, "do": {"latency_ms": 6000}}
        )
    nexus.kill("tools")
    with nexus.client() as client:
        order = orders.file(client)

        gather, *_ = wait_for(lambda: bells(nexus, "nexus.tools"), what="the doorbell of gather")
        assert [link["options"]["queue"] for link in gather["embed"]["chain"]] == ["nexus.agents"]

        nexus.start_worker("tools")
        wait_for(
            lambda: any(
                task["key"] == "outline" and task["state"] == "running" for task in orders.look(client, order)["tasks"]
            ),
            what="outline to run",
        )
        nexus.kill("agents", number=signal.SIGTERM)  # warm: it ends its task and takes no other
        headers = wait_for(lambda: bells(nexus, "nexus.agents"), what="the headers of the chord")
        assert len(headers) >= 2
        assert {bell["embed"]["chord"]["options"]["queue"] for bell in headers} == {"nexus.tools"}

        nexus.kill("tools")
        nexus.start_worker("agents")
        body, *_ = wait_for(lambda: bells(nexus, "nexus.tools"), what="the body of the chord")
        assert body["embed"]["chain"] is None
        with nexus.redis() as valkey:
            valkey.flushall()
        nexus.start_worker("tools")
        view = orders.settled(client, order)
        kinds = {canvas["kind"] for canvas in client.get(f"/api/v2/work-orders/{order}/canvases").json()["results"]}

    assert {"chain", "chord"} <= kinds
    assert [one["outcome"] for one in orders.task_of(view, "assemble")["attempts"]] == ["completed"]
    orders.assert_settled_once(nexus)
    orders.assert_books_balance(nexus)
