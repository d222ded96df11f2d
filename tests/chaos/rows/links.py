"""Rows that break the lines between processes and servers, with a proxy on each."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from nexus.embedded import valkey
from nexus.embedded.servers import Server
from tests.chaos.stage import BOUND, LEASE, Stage, pause
from tests.support.rivals import wait_for


def half_open(stage: Stage) -> str:
    """Row 14: the broker's links go silent for ever and nobody is told; new ones work."""
    with stage.behind("agents", "dispatcher") as (broker, _, _):
        stage.run_done(stage.nexus.submit("test.echo"))
        pids = [stage.nexus.running[name].pid for name in ("agents", "dispatcher")]
        silenced = broker.half_open()
        began = time.monotonic()
        runs = [stage.nexus.submit("test.echo") for _ in range(3)]
        for run in runs:
            stage.run_done(run, within=60)
        took = time.monotonic() - began
        assert [stage.nexus.running[name].pid for name in ("agents", "dispatcher")] == pids
    assert silenced >= 2, f"only {silenced} links were open"
    assert took < 45, f"{took:.1f} s"
    return f"{silenced} links silenced; done by the same processes after {took:.1f} s"


def no_database(stage: Stage) -> str:
    """Row 24: a worker cannot reach Postgres for longer than its lease; another one takes over."""
    with stage.behind("agents") as (_, database, _):
        asked = len(stage.journal())
        stage.script(latency_ms=2500)
        run = stage.nexus.submit("test.asks", input={"steps": 2})
        stage.holder(run)
        wait_for(lambda: len(stage.journal()) > asked, what="the first request to leave")
        first = stage.journal()[asked]["request_id"]
        database.blackhole()
        began = time.monotonic()
        stage.nexus.start_worker("agents2", like="agents")
        # The cut-off worker still hears the broker: every other doorbell is its, and is rung again.
        stage.run_done(run, within=120)
        took = time.monotonic() - began
        left = len(stage.journal()) - asked
        database.passing()
        stage.await_rows(
            "SELECT 1 FROM agents_modelrequest WHERE id = %s AND state = 'SETTLED'", first, what="the late charge"
        )
        stage.quiet()
        assert left == len(stage.journal()) - asked == 3, f"{left} left, then {len(stage.journal()) - asked}"
    assert stage.attempts(run) == ["retry", "completed"], stage.attempts(run)
    return (
        f"taken over and done in {took:.1f} s (bound for the lease {BOUND:.1f} s); the cut-off worker asked no more, "
        "and its answer was charged when the line was back"
    )


def no_broker(stage: Stage) -> str:
    """Row 25: a worker cannot reach the broker; what it has in hand is finished, and others carry on from there."""
    door = stage.door()
    with stage.behind("agents") as (broker, _, _):
        first = [{"key": f"t{n}", "type": "test.waits", "input": {"until": str(door)}} for n in range(3)]
        join = {"key": "join", "type": "test.tool", "after": ("t0", "t1", "t2")}
        run = stage.nexus.submit_all([*first, join])
        stage.await_rows(
            "SELECT 1 WHERE (SELECT count(*) FROM nexus_lease l JOIN nexus_task t ON t.id = l.task_id "
            "WHERE t.run_id = %s) = 3",
            run,
            what="three tasks in hand",
        )
        process = stage.nexus.running["agents"]
        broker.blackhole()
        pause(1)
        door.touch()
        began = time.monotonic()
        stage.run_done(run, within=30)
        took = time.monotonic() - began
        pause(max(0.0, 2 * LEASE - took))
        broker.passing()
        began = time.monotonic()
        stage.run_done(stage.nexus.submit("test.echo"), within=45)
        back = time.monotonic() - began
        assert process._popen.poll() is None, "the worker ended"
    assert stage.attempts(run) == ["completed"] * 4, stage.attempts(run)
    return f"three tasks in hand settled and joined elsewhere {took:.1f} s later; at work again {back:.1f} s after"


SLOW = {"NEXUS_LEASE_FOR": "15", "NEXUS_HEARTBEAT_EVERY": "3"}
"""A beat opens a connection: some ten times the way there and back. Within a lease of 3 s that cannot be."""


def latency(stage: Stage) -> str:
    """Row 26: 500 ms, give or take 300, each way to both servers, and two packets in a hundred are lost."""
    door = stage.door()
    with stage.behind("agents", "dispatcher", **SLOW) as (broker, database, _):
        for proxy in (broker, database):
            proxy.late(by=0.25, give_or_take=0.15, lost=0.02)
        run = stage.nexus.submit("test.waits", input={"until": str(door)})
        runs = [stage.nexus.submit("test.echo") for _ in range(3)]
        stage.await_rows(
            "SELECT 1 FROM nexus_lease l JOIN nexus_task t ON t.id = l.task_id WHERE t.run_id = %s", run, within=60
        )
        pause(18)
        door.touch()
        for one in (run, *runs):
            stage.run_done(one, within=60)
            assert stage.attempts(one) == ["completed"], stage.attempts(one)
    return "500 +- 300 ms there and back, 2 % lost: a task of 18 s under a lease of 15 s, one execution each"


def failed_over(stage: Stage) -> str:
    """Row 16: a replica is promoted and the old master becomes read-only; new links lead to the new one."""
    old = stage.nexus.valkey
    home = stage.nexus.home / "replica"
    home.mkdir(exist_ok=True)
    names = ("control", "agents", "tools", "dispatcher", "web")
    new = valkey.start(home, durable=False)
    try:
        with stage.behind(*names) as (broker, _, _), _client(old) as master, _client(new) as replica:
            password, port = old.url.split(":")[2].split("@")[0], int(old.url.rpartition(":")[2].split("/")[0])
            replica.config_set("masterauth", password)
            replica.config_set("requirepass", password)
            replica.execute_command("REPLICAOF", "127.0.0.1", port)
            wait_for(lambda: replica.info("replication")["master_link_status"] == "up", what="the replica to follow")
            pids = {name: stage.nexus.running[name].pid for name in names}
            filed = stage.file(4)
            master.config_set("masterauth", password)
            replica.execute_command("REPLICAOF", "NO", "ONE")
            broker.switch(new.url)
            # The old master answers READONLY from now on, to whoever still has a link to it.
            master.execute_command("REPLICAOF", "127.0.0.1", int(new.url.rpartition(":")[2].split("/")[0]))
            began = time.monotonic()
            filed += stage.file(4)
            took = stage.finished(filed, within=90)
            after = time.monotonic() - began
            assert {name: stage.nexus.running[name].pid for name in names} == pids
            assert all(stage.nexus.running[name]._popen.poll() is None for name in names), "a process ended"
            master.execute_command("REPLICAOF", "NO", "ONE")
    finally:
        new.stop()
    assert after < 60, f"{after:.1f} s"
    return f"8 orders done {took:.1f} s after the last was filed, {after:.1f} s after the failover; nothing restarted"


@contextlib.contextmanager
def _client(server: Server) -> Any:
    import redis

    with redis.Redis.from_url(server.url) as client:
        yield client
