"""One order, followed by 1, 100 and 1,000 WebSocket clients of the web process that `up` runs."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from typing import Any

from apps.terminal import place

from .contestants import CLIENTS
from .duels import Arena, say
from .ground import Ground, Meter
from .intake import MESSAGE
from .measured import Asked, Measured

LOADS = {1: 1000, 100: 1000, 1000: 100}
"""Clients, and the events that each is told in a round."""
GROUP = 10
"""Events in a transaction, as when several tasks of a run end: the load must not be what is measured."""
IDLE_EVENTS, IDLE_PAUSE = 40, 0.1


class Talk:
    """A process that is spoken with in lines of JSON."""

    def __init__(self, argv: list[str], env: dict[str, str]) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, cwd=place.ROOT
        )

    def say(self, line: str) -> None:
        """Say a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Wait for an answer."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer = json.loads(line or '{"error": "a process of the feed ended"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return dict(answer)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def measure(arena: Arena, asked: Asked, name: str) -> Measured:
    """Tell many; tell one now and then."""
    ground = arena.ground
    web = ground.start(ground.service("web"))
    detail: dict[str, Any] = {}
    try:
        with contextlib.closing(_teller(ground)) as teller:
            for clients, events in LOADS.items():
                rounds = [_fan_out(ground, teller, clients, events) for _ in range(asked.rounds)]
                detail[f"deliveries_per_s_{clients}"] = median(rounds)
                detail[f"rounds_{clients}"] = rounds
                say(f"  {clients:>5} clients {median(rounds):10.0f} deliveries/s")
            for clients in (1, 100):
                found = _idle(ground, teller, clients)
                detail |= {f"idle_p50_ms_{clients}": found["p50_ms"], f"idle_p99_ms_{clients}": found["p99_ms"]}
                say(f"  {clients:>5} clients, idle: p50 {found['p50_ms']:.1f} ms")
        detail["web_memory_mib"] = Meter([web.process.pid]).memory_mib()
    finally:
        ground.stop("web")
    ratios = {"feed_deliveries_100": detail["deliveries_per_s_100"], "feed_p50_ms": detail["idle_p50_ms_100"]}
    return Measured(ratios=ratios, detail=detail)


def _fan_out(ground: Ground, teller: Talk, clients: int, events: int) -> float:
    """Deliveries per second, from the first transaction to the last frame."""
    with _listening(ground, clients, "count") as (run, listeners):
        listeners.say(str(clients * events))
        listeners.hear()
        teller.say(json.dumps({"run": run, "events": events, "group": GROUP, "pause": 0}))
        found = listeners.hear()
        began = teller.hear()["began"]
    return float(found["frames"] / (found["last"] - began))


def _idle(ground: Ground, teller: Talk, clients: int) -> dict[str, Any]:
    with _listening(ground, clients, "latency") as (run, listeners):
        listeners.say(str(clients * IDLE_EVENTS))
        listeners.hear()
        teller.say(json.dumps({"run": run, "events": IDLE_EVENTS, "group": 1, "pause": IDLE_PAUSE}))
        found = listeners.hear()
        teller.hear()
    return found


@contextlib.contextmanager
def _listening(ground: Ground, clients: int, kind: str) -> Iterator[tuple[int, Talk]]:
    """So many clients on a new order; nobody works on it, so nothing is told but what we tell."""
    public_id = _file(ground)
    with ground.connection() as connection:
        row = connection.execute(
            "SELECT r.id, r.last_seq FROM workorders_workorder o JOIN nexus_run r ON r.id = o.run_id "
            "WHERE o.public_id = %s",
            [public_id],
        ).fetchone()
    assert row is not None
    host, port = _address(ground)
    path = f"/ws/work-orders/{public_id}/?after={row[1]}"
    argv = [sys.executable, str(CLIENTS / "ws_listen.py"), host, port, path, str(clients), kind]
    with contextlib.closing(Talk(argv, dict(os.environ))) as listeners:
        listeners.say(ground.env["NEXUS_INIT_API_KEY"])
        listeners.hear()
        yield row[0], listeners


def _file(ground: Ground) -> str:
    connection = http.client.HTTPConnection(":".join(_address(ground)), timeout=30)
    headers = {"Authorization": f"Bearer {ground.env['NEXUS_INIT_API_KEY']}", "Content-Type": "application/json"}
    with contextlib.closing(connection):
        connection.request("POST", "/api/v2/work-orders", json.dumps({"message": MESSAGE}), headers)
        answer = connection.getresponse()
        said = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"no order was taken in: {answer.status} {said[:200]!r}")
    return str(json.loads(said)["id"])


def _address(ground: Ground) -> tuple[str, str]:
    host, port = ground.service("web").url.removeprefix("http://").split(":")
    return host, port


def _teller(ground: Ground) -> Talk:
    env = ground.env | {"PYTHONPATH": str(place.ROOT)}
    return Talk([sys.executable, str(CLIENTS / "nexus_teller.py")], env)


MEASUREMENTS = {"feed": measure}
