"""A thousand model calls that wait ten seconds at the same time, through real workers and the sandbox.

Without any cost they would take ten seconds. What two cores can do at best is measured in the same run: the same calls
to the same sandbox by as many threads with the SDK and nothing else.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from typing import Any

from apps.terminal import place
from nexus.embedded.programs import Program, spawn

from . import calibration
from .contestants import CLIENTS, pools, with_pool
from .duels import Arena, say
from .ground import Ground, Meter
from .measured import Asked, Measured

CALLS, DELAY = 1000, 10.0
MODEL = "claude-haiku-5-5"
"""That of the role that is asked."""
USUAL_POOL = "threads:500x2"
WITHIN = 180.0
"""A run that takes longer has failed, and says how far it came."""
FILE_ALL = """
import sys
from django.db import transaction
from nexus import engine
task = [engine.TaskSpec(key="ask", type="bench.asks")]
with transaction.atomic():
    for _ in range(int(sys.argv[1])):
        engine.submit(tenant="bench", subject="bench.calls", tasks=task)
"""


def measure(arena: Arena, asked: Asked, name: str) -> Measured:
    """File them all in one transaction; time from its commit to the end of the last."""
    arena.close()
    ground, pool = arena.ground, asked.calls_pool or USUAL_POOL
    sandbox = ground.start(ground.service("sandbox"))
    env = ground.env | {"DATABASE_URL": ground.database("calls"), "REDIS_URL": ground.valkey(4)}
    started: list[subprocess.Popen[bytes]] = []
    try:
        ground.lay_out(**env)
        _script(ground)
        bare = _bare(ground, pool)
        with ground.log("calls").open("ab") as log:
            agents = ground.service("worker-agents").program.argv
            argvs = [with_pool(agents, number, one) for number, one in enumerate(pools(pool))]
            argvs.append(ground.service("dispatcher").program.argv)
            started += [spawn(Program(name="calls", argv=argv, env=env, cwd=place.ROOT), output=log) for argv in argvs]
        workers = Meter([one.pid for one in started[:-1]])
        _file(env, 1)  # when it has gone through, everybody is awake
        _await(ground, 1, lambda: None)
        detail = _timed(ground, env, workers)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            _end(process)
        ground.stop("sandbox")
    detail |= {"bare_wall_s": bare, "over_bare": detail["wall_s"] / bare}
    say(
        f"  {CALLS} calls in {detail['wall_s']:.1f} s, by the SDK alone in {bare:.1f} s; "
        f"workers {detail['workers_rss_mib']:.0f} MiB"
    )
    return Measured(detail=detail | {"pool": pool, "sandbox_pid": sandbox.process.pid})


def _bare(ground: Ground, pool: str) -> float:
    """Seconds that the same calls take without Nexus, in as many threads and processes."""
    sizes = [int(size) for _, size in pools(pool)]
    argv = [sys.executable, str(CLIENTS / "bare_calls.py"), ground.service("sandbox").url, MODEL]
    asked = subprocess.run(
        [*argv, str(CALLS // len(sizes)), str(len(sizes))], env=ground.env, check=False, capture_output=True, text=True
    )
    if asked.returncode:
        raise RuntimeError(f"the SDK alone failed: {asked.stderr[-500:]}")
    return float(json.loads(asked.stdout)["wall_s"])


def _timed(ground: Ground, env: dict[str, str], workers: Meter) -> dict[str, Any]:
    highest = 0.0

    def look() -> None:
        nonlocal highest
        highest = max(highest, workers.rss_mib())

    spent, before = workers.cpu_s(), calibration.Busy.now()
    _file(env, CALLS)
    began = time.monotonic()
    done = _await(ground, CALLS + 1, look)
    wall = time.monotonic() - began
    if done < CALLS + 1:
        raise RuntimeError(f"{done - 1} of {CALLS} calls were answered within {WITHIN:.0f} s")
    used = workers.cpu_s() - spent
    return {
        "wall_s": wall, "over_ideal": wall / DELAY, "workers_rss_mib": highest, "cpu_ms_per_call": 1000 * used / CALLS,
        "foreign": calibration.foreign(before, calibration.Busy.now(), ours=used),
    }  # fmt: skip


def _await(ground: Ground, runs: int, look: Any) -> int:
    """Wait until so many runs are over; return how many are."""
    deadline = time.monotonic() + WITHIN
    with ground.connection("calls") as connection:
        while True:
            row = connection.execute("SELECT count(*) FROM nexus_run WHERE state = 'completed'").fetchone()
            assert row is not None
            if row[0] >= runs or time.monotonic() > deadline:
                return int(row[0])
            look()
            time.sleep(0.1)


def _file(env: dict[str, str], count: int) -> None:
    argv = [sys.executable, "manage.py", "shell", "--no-imports", "-c", FILE_ALL.replace("sys.argv[1]", str(count))]
    done = subprocess.run(argv, env=env, cwd=place.ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the calls cannot be filed: {done.stderr[-500:]}")


def _script(ground: Ground) -> None:
    """Let the sandbox take ten seconds for every answer."""
    address = ground.service("sandbox").url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    scenario = {"match": {}, "times": None, "do": {"latency_ms": 1000 * DELAY, "chunk_ms": 0, "text": "Done."}}
    connection.request("POST", "/scenarios", json.dumps(scenario), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    if answer.status >= 300:
        raise RuntimeError(f"the sandbox took no scenario: {answer.status} {answer.read()[:300]!r}")
    connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait(10)


MEASUREMENTS = {"calls": measure}
