"""The front door: POST /api/v2/work-orders through the web process that `up` runs, beside a minimal FastAPI service.

The same client loads both, over connections that stay open. Then Redis is stopped, and Nexus is loaded again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from nexus.embedded.ports import LOOPBACK, free_port
from nexus.embedded.programs import Program
from nexus.embedded.servers import Service
from nexus.embedded.stack import answers

from . import calibration, venvs
from .contestants import CLIENTS
from .doors import freeze, thawed
from .duels import Arena, in_turn, say
from .ground import Ground, Meter
from .measured import Asked, Measured
from .peers import plain

CONNECTIONS = 32
WARM_FOR = 1.0
MESSAGE = "Draft a release checklist for a Django service with Celery workers"


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where work is taken in."""

    name: str
    service: Service
    path: str
    headers: str = ""
    with_redis: bool = True


def measure(arena: Arena, asked: Asked, name: str) -> Measured:
    """Load the doors in turns."""
    arena.close()  # nobody may hold on to a Redis that is stopped
    ground = arena.ground
    fastapi, web = _fastapi(ground), ground.service("web")
    orders = {
        "path": "/api/v2/work-orders", "headers": f"Authorization: Bearer {ground.env['NEXUS_INIT_API_KEY']}\r\n",
    }  # fmt: skip
    ours, theirs = Door(name="nexus", service=web, **orders), Door(name="fastapi", service=fastapi, path="/added")
    stored = Door(name="fastapi_stored", service=fastapi, path="/stored")
    alone = Door(name="nexus_redis_stopped", service=web, with_redis=False, **orders)
    found: dict[str, list[dict[str, Any]]] = {}
    try:
        for door in (ours, theirs):
            ground.start(door.service)
            load(door, WARM_FOR)
            freeze(ground.servers[door.service.program.name])
        # The peer's connections do not outlive a Redis that is stopped: it is done before that.
        for doors in ((ours, theirs, stored), (ours, alone)):
            for number in range(asked.rounds):
                for door in in_turn(doors, number):
                    name = "nexus_redis_running" if door is ours and alone in doors else door.name
                    found.setdefault(name, []).append(_round(ground, door, asked.seconds))
                    say(f"  {number + 1}/{asked.rounds} {name:<20} {found[name][-1]['requests_per_s']:8.1f} requests/s")
    finally:
        for name in {"web", "fastapi"} & set(ground.servers):
            ground.stop(name)
    return _measured(found)


def _measured(found: dict[str, list[dict[str, Any]]]) -> Measured:
    def over(one: str, other: str) -> float:
        pairs = zip(found[one], found[other], strict=True)
        return median(a["requests_per_s"] / b["requests_per_s"] for a, b in pairs)

    detail: dict[str, Any] = {
        name: {key: median(one[key] for one in rounds) for key in rounds[0] if key != "statuses"} | {"rounds": rounds}
        for name, rounds in found.items()
    }
    detail["redis_stopped_over_running"] = over("nexus_redis_stopped", "nexus_redis_running")
    detail["over_stored"] = over("nexus", "fastapi_stored")
    return Measured(ratios={"intake_fastapi": over("nexus", "fastapi")}, detail=detail)


def _round(ground: Ground, door: Door, seconds: float) -> dict[str, Any]:
    if not door.with_redis:
        ground.stop("valkey")
    server = ground.servers[door.service.program.name]
    meter = Meter([server.process.pid, *(one.process.pid for key, one in ground.servers.items() if key == "postgres")])
    try:
        with thawed(server):
            worked, before, spent = calibration.fixed_work(), calibration.Busy.now(), meter.cpu_s()
            found = load(door, seconds)
            used, after = meter.cpu_s() - spent, calibration.Busy.now()
    finally:
        if not door.with_redis:
            ground.start(ground.service("valkey"))
    if set(found["statuses"]) != {"201"}:
        raise RuntimeError(f"{door.name} answered {found['statuses']}")
    client_used = found.pop("client_cpu_s")
    return found | {
        "cpu_ms": 1000 * used / sum(found["statuses"].values()),
        "calibration_s": worked,
        "foreign": calibration.foreign(before, after, ours=used + client_used),
    }


def load(door: Door, seconds: float) -> dict[str, Any]:
    """Load one door from a process of its own."""
    host, port = door.service.url.removeprefix("http://").split(":")
    head = f"POST {door.path} HTTP/1.1\r\nHost: {host}:{port}\r\n{door.headers}Content-Type: application/json\r\n"
    request = json.dumps({"head": head, "body": json.dumps({"message": MESSAGE})})
    before = os.times()
    done = subprocess.run(
        [sys.executable, CLIENTS / "http_load.py", host, port, str(CONNECTIONS), str(seconds)],
        input=request, capture_output=True, text=True, check=False, timeout=seconds + 120,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the load on {door.name} broke: {done.stderr[-500:]}")
    after = os.times()
    spent = after.children_user - before.children_user + after.children_system - before.children_system
    return dict(json.loads(done.stdout)) | {"client_cpu_s": spent}


def _fastapi(ground: Ground) -> Service:
    python, port = venvs.python_of("fastapi", home=ground.kept), free_port()
    argv = (
        python, "-m", "uvicorn", "fastapi_service:app", "--host", LOOPBACK, "--port", str(port), "--no-access-log",
        "--log-level", "warning",
    )  # fmt: skip
    env = plain() | {"DATABASE_URL": ground.database("fastapi"), "REDIS_URL": ground.valkey(3)}
    url = f"http://{LOOPBACK}:{port}"
    program = Program(name="fastapi", argv=argv, env=env, cwd=CLIENTS)
    return Service(program=program, url=url, probe=partial(answers, url + "/healthz"))


MEASUREMENTS = {"intake": measure}
