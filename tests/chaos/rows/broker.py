"""Rows that break the broker: emptied, restarted, filled, asleep, lying."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from celery import Celery

from nexus.embedded import valkey
from tests.chaos.stage import Stage, pause


def restarted(stage: Stage) -> str:
    """Row 8: with its append-only file, under load."""
    nexus = stage.nexus
    nexus.valkey.stop()
    nexus.valkey = valkey.start(nexus.home, durable=True)
    return f"10 orders done {_restarted_under_load(stage, durable=True):.1f} s after the restart; no worker restarted"


def lost(stage: Stage) -> str:
    """Row 9: kill -9, and nothing was kept."""
    return f"10 orders done {_restarted_under_load(stage, durable=False):.1f} s after the loss; no worker restarted"


def _restarted_under_load(stage: Stage, *, durable: bool) -> float:
    pids = {name: process.pid for name, process in stage.nexus.running.items()}
    filed = stage.file(10)
    stage.await_rows("SELECT 1 FROM nexus_lease", what="work in hand")
    stage.nexus.valkey.process.kill()
    stage.nexus.valkey.stop()
    pause(1)
    stage.nexus.valkey = valkey.start(stage.nexus.home, durable=durable)
    took = stage.finished(filed, within=60)
    assert {name: process.pid for name, process in stage.nexus.running.items()} == pids
    assert took < 30, f"{took:.1f} s"
    return took


def flushed(stage: Stage) -> str:
    """Row 10: FLUSHALL at random moments during chains and chords."""
    filed, flushes = stage.file(8), 0
    with stage.nexus.redis() as client:
        for _ in range(6):
            pause(stage.dice.uniform(0.05, 0.8))
            client.flushall()
            flushes += 1
    took = stage.finished(filed)
    _joined_once(stage, filed)
    return f"8 orders done, every join once, {took:.1f} s after the last of {flushes} flushes"


def _joined_once(stage: Stage, filed: list[str]) -> None:
    twice = stage.nexus.rows(
        "SELECT a.task_id FROM nexus_attempt a JOIN nexus_task t ON t.id = a.task_id "
        "JOIN workorders_workorder o ON o.run_id = t.run_id WHERE o.public_id = ANY(%s) AND t.key = 'assemble' "
        "GROUP BY a.task_id HAVING count(*) > 1",
        filed,
    )
    assert twice == [], f"joined twice: {twice}"


def keys_deleted(stage: Stage) -> str:
    """Row 11: only some kinds of keys vanish, again and again."""
    filed, deleted = stage.file(6), 0
    with stage.nexus.redis() as client:
        for kind in ("*unacked*", "nx:r:*", "*_kombu.binding*") * 3:
            pause(0.25)
            keys = list(client.scan_iter(kind))
            deleted += client.delete(*keys) if keys else 0
        took = stage.finished(filed)
        stranded = client.llen("nx:nexus.undeliverable")
    _joined_once(stage, filed)
    assert stranded == 0, f"{stranded} messages that no queue took"
    return f"6 orders done {took:.1f} s after {deleted} keys were deleted; nothing undeliverable"


def full(stage: Stage) -> str:
    """Row 12: no memory left, noeviction."""
    with stage.nexus.redis() as client:
        client.config_set("maxmemory", 1)
        try:
            filed = stage.file(4, within=10)
            pause(3)
        finally:
            client.config_set("maxmemory", 0)
    return f"4 orders taken in without memory; done {stage.finished(filed):.1f} s after it returned"


def asleep(stage: Stage) -> str:
    """Row 13: the broker hangs, in the middle of a publish first."""
    _asleep_in_a_publish(stage)
    stopped = stage.nexus.valkey.process.pid
    unwanted = stage.file(1)
    os.kill(stopped, signal.SIGSTOP)
    try:
        unwanted += stage.file(1)
        pause(0.7)
        # The dispatcher has one of the two in hand, and waits for the broker. It holds no lock meanwhile.
        times = [_cancelled(stage, order) for order in unwanted]
        until = time.monotonic() + 8
        filed: list[str] = []
        while time.monotonic() < until:
            began = time.monotonic()
            filed += stage.file(1)
            times.append(time.monotonic() - began)
            pause(0.4)
    finally:
        os.kill(stopped, signal.SIGCONT)
    slowest = max(times)
    assert slowest < 3, f"the API took {slowest:.2f} s while the broker hung"
    return f"{len(filed)} orders taken in, slowest in {slowest:.2f} s; done {stage.finished(filed):.1f} s after it woke"


def _asleep_in_a_publish(stage: Stage) -> None:
    """The dispatcher waits for the answer to its doorbell, and holds no row meanwhile that others want."""
    with stage.behind("dispatcher") as (broker, _, _):
        inside = broker.hold(b"LPUSH")
        [order] = stage.file(1)
        assert inside.wait(20), "no doorbell was published"
        took = _cancelled(stage, order)
        assert took < 3, f"a cancel took {took:.1f} s while the dispatcher waited for the broker"


def _cancelled(stage: Stage, order: str) -> float:
    """Cancel an order; return the seconds that it took."""
    began = time.monotonic()
    with stage.nexus.client() as client:
        answer = client.post(f"/api/v2/work-orders/{order}/cancel", json={})
    assert answer.status_code in (200, 409), f"after {time.monotonic() - began:.1f} s: {answer.text}"
    return time.monotonic() - began


def reset(stage: Stage) -> str:
    """Row 15: every connection is cut, once a second."""
    filed = stage.file(8)
    with stage.nexus.redis() as client:
        for _ in range(10):
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            pause(1)
        took = stage.finished(filed + stage.file(1), within=30)
    return f"8 orders done {took:.1f} s after ten rounds of cuts"


def _bells(stage: Stage) -> Celery:
    app = Celery("bells", broker=stage.nexus.env["REDIS_URL"], set_as_current=False)
    app.conf.broker_transport_options = {"global_keyprefix": "nx:"}
    app.conf.task_ignore_result = True
    return app


def _tasks(stage: Stage, filed: list[str]) -> list[tuple[int, str]]:
    return stage.nexus.rows(
        "SELECT t.id, t.queue FROM nexus_task t JOIN workorders_workorder o ON o.run_id = t.run_id "
        "WHERE o.public_id = ANY(%s) AND t.state NOT IN ('completed', 'cancelled') ORDER BY t.id",
        filed,
    )


def _ring(app: Celery, producer: Any, task: int, queue: str, *, id: str) -> None:
    app.send_task(
        "nexus.ring", kwargs={"task": task, "queue": queue}, queue=queue, task_id=id, producer=producer, retry=False
    )


def rung_five_times(stage: Stage) -> str:
    """Row 17: whatever is unfinished is rung five times over, all the time."""
    app, rung = _bells(stage), 0
    filed = stage.file(5)
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        unfinished = _tasks(stage, filed)
        while unfinished:
            for task, queue in unfinished:
                for _ in range(5):
                    rung += 1
                    _ring(app, producer, task, queue, id=f"{task}.again")
            pause(0.4)
            unfinished = _tasks(stage, filed)
    stage.finished(filed)
    many = stage.nexus.rows(
        "SELECT count(*), count(DISTINCT task_id) FROM nexus_attempt a JOIN nexus_task t ON t.id = a.task_id "
        "JOIN workorders_workorder o ON o.run_id = t.run_id WHERE o.public_id = ANY(%s)",
        filed,
    )[0]
    assert many[0] == many[1], f"{many[0]} executions of {many[1]} tasks"
    return f"{many[1]} tasks, {rung} doorbells too many, {many[0]} executions"


def rung_backwards(stage: Stage) -> str:
    """Row 18: children and joins are rung before their parents, the last first."""
    app = _bells(stage)
    door = stage.door()
    waits = {"type": "test.waits", "input": {"until": str(door)}}
    run = stage.nexus.submit_all([
        {"key": "a", **waits}, {"key": "b", "after": ("a",), **waits}, {"key": "c", "after": ("a",), **waits},
        {"key": "join", "after": ("b", "c"), "type": "test.tool"},
    ])  # fmt: skip
    tasks = stage.nexus.rows("SELECT id, queue FROM nexus_task WHERE run_id = %s ORDER BY id DESC", run)
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        for times in range(3):
            for task, queue in tasks:
                _ring(app, producer, task, queue, id=f"{task}.early{times}")
    pause(1)
    early = stage.nexus.rows(
        "SELECT t.key FROM nexus_attempt a JOIN nexus_task t ON t.id = a.task_id WHERE t.run_id = %s AND t.key <> 'a'",
        run,
    )
    assert early == [], f"ran before their parents: {early}"
    door.touch()
    stage.run_done(run)
    assert stage.attempts(run) == ["completed"] * 4, stage.attempts(run)
    return f"{3 * len(tasks)} doorbells out of order, 4 tasks, 4 executions"


def swallowed(stage: Stage) -> str:
    """Row 19: every doorbell is lost after it was marked as rung."""
    names = ("control", "agents", "tools")
    for name in names:
        stage.nexus.kill(name)
    runs = [stage.nexus.submit("test.echo") for _ in range(3)]
    filed = stage.file(6)
    stage.await_rows(
        "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM nexus_task WHERE state = 'ready' AND rings = 0)",
        what="every task to be rung",
    )
    with stage.nexus.redis() as client:
        eaten = sum(client.llen(f"nx:nexus.{queue}") for queue in ("control", "agents", "tools"))
        client.flushall()
    began = time.monotonic()
    for name in names:
        stage.nexus.start_worker(name, wait=False)
    for name in names:
        stage.nexus.running[name].says("ready.")
    stage.finished(filed)
    for run in runs:
        stage.run_done(run)
    took = time.monotonic() - began
    tasks, rings = stage.nexus.rows(
        "SELECT count(*), sum(t.rings) FROM nexus_task t LEFT JOIN workorders_workorder o ON o.run_id = t.run_id "
        "WHERE o.public_id = ANY(%s) OR t.run_id = ANY(%s)",
        filed,
        runs,
    )[0]
    assert eaten >= 9, f"only {eaten} doorbells were there to be lost"
    assert rings <= 2 * tasks, f"{rings} doorbells for {tasks} tasks"
    return f"{eaten} doorbells lost; all done {took:.1f} s later; {rings} doorbells of dispatchers for {tasks} tasks"
