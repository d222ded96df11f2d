"""Rows that break processes of the product: killed, stopped, asked to end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time

from tests.chaos.stage import BOUND, LEASE, Stage, pause
from tests.support.rivals import wait_for

PASSED_BY = {
    "K1": "web", "K2": "web", "K3": "dispatcher", "K4": "dispatcher", "K5": "web", "K6": "control", "K7": "agents",
    "K8": "agents", "K9": "agents", "K10": "agents", "K11": "agents", "K13": "control", "K14": "control",
    "K15": "agents",
}  # fmt: skip
"""The process that is killed at each point. K12, K17, K18 (effects) are not passed by these orders; K16 is row 21."""
SHARPEST = ("K7", "K10", "K13")
HELD = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM nexus_lease WHERE holder LIKE %s)"


def killed_at_every_point(stage: Stage) -> str:
    """Row 1."""
    slowest = max((_killed_at(stage, point), point) for point in PASSED_BY)
    return f"{len(PASSED_BY)} points; slowest recovery {slowest[0]:.1f} s ({slowest[1]}), bound {BOUND:.1f} s"


def killed_at_the_sharpest(stage: Stage) -> str:
    """Row 1, in short."""
    slowest = max(_killed_at(stage, point) for point in SHARPEST)
    return f"{len(SHARPEST)} points; slowest recovery {slowest:.1f} s, bound {BOUND:.1f} s"


def _killed_at(stage: Stage, point: str) -> float:
    """Kill the process that passes `point`, start it again; return the seconds until nothing is held by the dead."""
    name = PASSED_BY[point]
    stage.nexus.kill(name)
    # Only who finds everybody idle passes K5: the first does.
    stage.start(name, NEXUS_CRASH=f"{point}:{1 if point == 'K5' else stage.dice.choice((1, 2))}")
    key = f"crash-{point}"
    if name == "web":
        return _web_killed(stage, key)
    filed = stage.file(2)
    dead = stage.died(name)
    began = time.monotonic()
    # Others free what it held, while it starts: how long that takes is the machine's affair.
    stage.start(name, wait=False)
    stage.await_rows(HELD, f"%/{dead.pid}", what=f"the tasks of the worker that died at {point}")
    took = time.monotonic() - began
    stage.finished(filed)
    assert took <= BOUND, f"{point}: held for {took:.1f} s by a dead process"
    return took


def _web_killed(stage: Stage, key: str) -> float:
    """The web process dies in the middle of a POST: whoever asks again with the same key gets one order."""
    import threading

    before = stage.nexus.rows("SELECT count(*) FROM workorders_workorder")[0][0]
    filed: list[str] = []
    client = threading.Thread(target=lambda: filed.extend(stage.file(2)), daemon=True)
    client.start()
    stage.died("web")
    stage.start("web")
    client.join(60)
    stage.finished(filed)
    after = stage.nexus.rows("SELECT count(*) FROM workorders_workorder")[0][0]
    assert after - before == len(set(filed)) == 2, f"{key}: two requests made {after - before} orders"
    return 0.0  # it held nothing


def child_killed(stage: Stage) -> str:
    """Row 2: only the pool child dies, in the middle of a model call."""
    stage.script(latency_ms=2500)
    run = stage.nexus.submit("test.asks", queue="nexus.tools")
    task, child = stage.holder(run)
    wait_for(stage.journal, what="the request to leave")
    began = time.monotonic()
    os.kill(child, signal.SIGKILL)
    stage.await_rows(HELD, f"%/{child}", what="the lease to be released")
    took = time.monotonic() - began
    stage.run_done(run)
    assert stage.attempts(run) == ["retry", "completed"], stage.attempts(run)
    assert took < 3, f"released after {took:.1f} s"
    return f"task {task} released after {took:.2f} s, bound 3 s"


def child_stopped(stage: Stage) -> str:
    """Row 4: a pool child sleeps past its lease in a model call, and wakes up too late, or beside its successor."""
    figure = _overslept(stage, queue="nexus.tools")
    _woken_beside_its_successor(stage)
    return figure


def worker_stopped(stage: Stage) -> str:
    """Row 5: the whole worker does, its heartbeat too; a second one takes over."""
    _stops_itself(stage)
    stage.nexus.start_worker("agents2", like="agents")
    return _overslept(stage, queue="nexus.agents")


def _overslept(stage: Stage, *, queue: str) -> str:
    asked = len(stage.journal())
    stage.script(latency_ms=2500)
    run = stage.nexus.submit("test.asks", queue=queue, input={"steps": 2})
    _, sleeper = stage.holder(run)
    wait_for(lambda: len(stage.journal()) > asked, what="the first request to leave")
    first = stage.journal()[asked]["request_id"]
    began = time.monotonic()
    os.kill(sleeper, signal.SIGSTOP)
    try:
        stage.run_done(run, within=BOUND + 40)
        took = time.monotonic() - began
        pause(max(0.0, 2 * LEASE - took))
    finally:
        os.kill(sleeper, signal.SIGCONT)
    stage.await_rows(
        "SELECT 1 FROM agents_modelrequest WHERE id = %s AND state = 'SETTLED'", first, what="the zombie's charge"
    )
    stage.quiet()
    left = len(stage.journal()) - asked
    assert stage.attempts(run) == ["retry", "completed"], stage.attempts(run)
    assert left == 3, f"{left} requests left: one of the sleeper, two of who took over were due"
    return f"taken over and done in {took:.1f} s; the zombie was charged and fenced, and asked no more"


def _woken_beside_its_successor(stage: Stage) -> None:
    """What the sleeper brings home counts for nothing while another execution holds the task."""
    asked = len(stage.journal())
    stage.script(latency_ms=2500)
    run = stage.nexus.submit("test.asks", queue="nexus.tools")
    _, sleeper = stage.holder(run)
    wait_for(lambda: len(stage.journal()) > asked, what="the request to leave")
    stage.script(latency_ms=5000)
    os.kill(sleeper, signal.SIGSTOP)
    try:
        wait_for(lambda: len(stage.journal()) > asked + 1, what="the successor's request to leave")
    finally:
        os.kill(sleeper, signal.SIGCONT)
    stage.run_done(run)
    stage.quiet()
    assert stage.attempts(run) == ["retry", "completed"], stage.attempts(run)


def _stops_itself(stage: Stage) -> None:
    """A worker whose lease ran out stops, although nobody has taken its task away yet."""
    door = stage.door()
    run = stage.nexus.submit("test.waits", input={"until": str(door)})
    _, sleeper = stage.holder(run)
    stage.nexus.kill("dispatcher")
    os.kill(sleeper, signal.SIGSTOP)
    pause(LEASE + 0.5)
    os.kill(sleeper, signal.SIGCONT)
    pause(2)
    door.touch()
    stage.start("dispatcher")
    stage.run_done(run)
    assert stage.attempts(run) == ["retry", "completed"], f"it held on to a lease that was over: {stage.attempts(run)}"


def asked_to_end(stage: Stage) -> str:
    """Row 6: SIGTERM once, five times, and before SIGKILL, with tasks running."""
    slowest = 0.0
    asked: list[int] = []
    for asks in (1, 5):
        door = stage.door()
        runs = [stage.nexus.submit("test.waits", input={"until": str(door)}) for _ in range(2)]
        for run in runs:
            stage.holder(run)
        process = stage.nexus.running.pop("agents")
        began = time.monotonic()
        for _ in range(asks):
            os.kill(process.pid, signal.SIGTERM)
            pause(0.05)
        process._popen.wait(25)
        slowest = max(slowest, time.monotonic() - began)
        stage.nexus.start_worker("agents")
        door.touch()
        for run in runs:
            stage.run_done(run)
            assert stage.attempts(run) == ["given_back", "completed"], stage.attempts(run)
        asked += runs
    spent = stage.nexus.rows("SELECT max(attempt) FROM nexus_task WHERE run_id = ANY(%s)", asked)
    assert spent == [(1,)], f"an attempt was spent: {spent}"
    return f"given back, no attempt spent; gone after {slowest:.1f} s at most"


def dispatchers(stage: Stage) -> str:
    """Row 44: none for a while, then three."""
    stage.nexus.kill("dispatcher")
    filed = stage.file(3)
    pause(4)
    for name in ("dispatcher", "dispatcher2", "dispatcher3"):
        stage.nexus.start_dispatcher(name, wait=False)
    began = time.monotonic()
    filed += stage.file(5)
    stage.finished(filed)
    took = time.monotonic() - began
    rings = stage.nexus.rows(
        "SELECT count(*), sum(t.rings) FROM nexus_task t JOIN workorders_workorder o ON o.run_id = t.run_id "
        "WHERE o.public_id = ANY(%s)",
        filed,
    )[0]
    assert rings[1] <= 2 * rings[0], f"{rings[1]} doorbells for {rings[0]} tasks"
    return f"8 orders done {took:.1f} s after three copies started; {rings[1]} doorbells for {rings[0]} tasks"


SETTLES = (b"nexus_settle", b"COMMIT")
COLD = (
    ((signal.SIGQUIT,), SETTLES),
    ((signal.SIGINT, signal.SIGINT), SETTLES),
)
"""What ends a worker without waiting for its tasks, and in which statement it is caught: it commits by itself."""


def ended_in_commit(stage: Stage) -> str:
    """Row 7: told to end at once while its settle is in Postgres and the answer has not come."""
    caught = 0
    for signals, words in COLD:
        with stage.behind("agents") as (_, database, _):
            door = stage.door()
            run = stage.nexus.submit("test.waits", input={"until": str(door)})
            stage.holder(run)
            inside = database.hold(*words)
            door.touch()
            caught += inside.wait(5)
            process = stage.nexus.running["agents"]
            for number in signals:
                os.kill(process.pid, number)
                pause(0.1)
            pause(stage.dice.uniform(0.1, 0.5))
            database.cut()
            # Its supervisor waits a moment, and kills what is still there.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process._popen.wait(5)
            stage.anew("agents")
            stage.run_done(run)
            ends = stage.attempts(run)
            assert ends in (["completed"], ["given_back", "completed"], ["retry", "completed"]), ends
    assert caught == len(COLD), f"only {caught} settles were caught in the act"
    return f"{caught} settles whose answer never came: each task was settled once, at once or by who came next"
