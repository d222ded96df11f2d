"""Clients that are cut off again and again end with exactly the events in the table."""

from __future__ import annotations

import json
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support import orders
from tests.support.stack import KEY, Stack

CUTS = 5
EACH = 3
"""Events that a client takes before it is cut."""


def over_sse(nexus: Stack, order: str) -> list[dict[str, Any]]:
    """Every event, over connections that are dropped after a few frames and resumed by Last-Event-ID."""
    seen: list[dict[str, Any]] = []
    cuts = 0
    while True:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(seen[-1]["seq"])} if seen else {})
        taken = 0
        with (
            nexus.client() as client,
            client.stream("GET", f"/api/v2/work-orders/{order}/events", headers=headers) as answer,
        ):
            assert answer.status_code == 200
            kind = ""
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                if kind == "done":
                    assert cuts == CUTS
                    return seen
                if name == "data" and kind != "delta":
                    seen.append(json.loads(value))
                    taken += 1
                if taken == EACH and cuts < CUTS:
                    cuts += 1
                    break


def over_socket(nexus: Stack, order: str) -> list[dict[str, Any]]:
    """Every event, over sockets that are dropped after a few frames and resumed by the last seq."""
    seen: list[dict[str, Any]] = []
    cuts = 0
    while True:
        after = seen[-1]["seq"] if seen else 0
        taken = 0
        with connect(
            f"ws://127.0.0.1:{nexus.web_port}/ws/work-orders/{order}/?after={after}",
            additional_headers={"Authorization": f"Bearer {KEY}"}, proxy=None,
        ) as socket:  # fmt: skip
            while taken < EACH or cuts == CUTS:
                try:
                    frame = json.loads(socket.recv(timeout=60))
                except ConnectionClosed:
                    break
                if frame["type"] == "event":
                    seen.append(frame["event"])
                    taken += 1
                if frame["type"] == "done":
                    assert cuts == CUTS
                    return seen
            cuts += 1


def test_over_sse_and_sockets_cut_five_times_each(nexus: Stack):
    from concurrent.futures import ThreadPoolExecutor

    with nexus.client() as client, ThreadPoolExecutor(2) as pool:
        order = orders.file(client)
        streams = [pool.submit(over_sse, nexus, order), pool.submit(over_socket, nexus, order)]
        by_sse, by_socket = (stream.result(120) for stream in streams)
        table = orders.events(client, order)
    assert by_sse == table
    assert by_socket == table
    assert [event["seq"] for event in table] == list(range(1, len(table) + 1))


def test_a_client_that_comes_late_reads_everything(nexus: Stack):
    with nexus.client() as client:
        order = orders.file(client)
        orders.settled(client, order)
        table = orders.events(client, order)
        assert client.get(f"/api/v2/work-orders/{order}/events", params={"after": 5}).json()["results"] == table[5:]
        with client.stream(
            "GET", f"/api/v2/work-orders/{order}/events", headers={"Accept": "text/event-stream"}
        ) as answer:
            frames = [line for line in answer.iter_lines() if line.startswith("id: ")]
    assert len(frames) == len(table)


def test_without_a_broker_the_streams_read_the_table(nexus: Stack):
    with nexus.client() as client:
        order = orders.file(client)
        nexus.valkey.stop()
        with client.stream(
            "GET", f"/api/v2/work-orders/{order}/events", headers={"Accept": "text/event-stream"}, timeout=60
        ) as answer:
            nexus.restart_valkey()
            frames = [line for line in answer.iter_lines() if line.startswith("id: ")]
        assert len(frames) == len(orders.events(client, order))
