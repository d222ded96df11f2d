"""Rows of plenty: much at once, and much in one piece."""

from __future__ import annotations

import time

from tests.chaos.stage import Stage, pause

PIECES, KILOBYTES = 40, 512
HUGE = 20 * 1024


def megabytes(stage: Stage) -> str:
    """Row 41: a task puts out twenty megabytes, another one reads forty parents of half a megabyte each."""
    stage.run_done(stage.nexus.submit("test.makes", input={"kilobytes": HUGE}), within=60)
    stage.nexus.kill("tools")
    parents = [{"key": f"p{n}", "type": "test.makes", "input": {"kilobytes": KILOBYTES}} for n in range(PIECES)]
    join = {"key": "join", "type": "test.weighs", "after": tuple(one["key"] for one in parents)}
    run = stage.nexus.submit_all([*parents, join])
    with stage.nexus.redis() as client:
        stage.await_rows(
            "SELECT 1 FROM nexus_task WHERE run_id = %s AND key = 'join' AND state = 'ready' AND rings > 0",
            run,
            within=60,
        )
        messages = [len(one) for one in client.lrange("nx:nexus.tools", 0, -1)]
    stage.start("tools")
    stage.run_done(run, within=60)
    [(heard,)] = stage.nexus.rows("SELECT output FROM nexus_task WHERE run_id = %s AND key = 'join'", run)
    assert heard == {"parents": PIECES, "bytes": PIECES * KILOBYTES * 1024}, heard
    assert messages, "the join's doorbell was not seen"
    assert max(messages) < 2048, f"a message of {max(messages)} bytes"
    with stage.nexus.client() as client:
        status = client.post(
            "/api/v2/work-orders", json={"message": "x" * 3_000_000}, headers={"Idempotency-Key": "big"}
        ).status_code
    assert status == 413, status
    return (
        f"{HUGE // 1024} MB in one output; {PIECES} outputs of {KILOBYTES} KB joined, its message "
        f"{max(messages)} bytes; a request of 3 MB: 413"
    )


ORDERS, WIDE = 1000, 900
BURST = """
from django.db import transaction
for n in range({orders}):
    with transaction.atomic():
        engine.submit(tenant="burst", subject=f"burst-{{n}}", tasks=[engine.TaskSpec(key="one", type="test.echo")])
with transaction.atomic():
    wide = [engine.TaskSpec(key=f"t{{n}}", type="test.echo") for n in range({wide})]
    engine.submit(tenant="burst", subject="wide", tasks=wide)
"""


def burst(stage: Stage) -> str:
    """Row 42: a thousand orders of one task, and one of nine hundred, filed as fast as one client can."""
    # Of thousands that wait, many wait longer than the two seconds of this profile: ring again as in production.
    stage.anew("dispatcher", NEXUS_RING_AGAIN_AFTER="30")
    asked: list[float] = []

    def look() -> None:
        with stage.nexus.client() as client:
            began = time.monotonic()
            assert client.get("/api/v2/work-orders?page_size=5").status_code == 200
            asked.append(time.monotonic() - began)
        pause(0.1)

    began = time.monotonic()
    with stage.meanwhile(look):
        stage.program(BURST.format(orders=ORDERS, wide=WIDE))
        stage.await_rows(
            "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM nexus_run WHERE tenant = 'burst' AND state <> 'completed') "
            "AND EXISTS (SELECT 1 FROM nexus_run WHERE tenant = 'burst')",
            within=240,
            what="the burst to be done",
        )
    took = time.monotonic() - began
    tasks, rings, waited = stage.nexus.rows(
        "SELECT count(*), sum(t.rings), "
        "percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM a.started_at - r.created_at)) "
        "FROM nexus_task t JOIN nexus_run r ON r.id = t.run_id JOIN nexus_attempt a ON a.task_id = t.id "
        "WHERE r.tenant = 'burst'"
    )[0]
    with stage.nexus.redis() as client:
        peak = client.info("memory")["used_memory_peak"] / 2**20
    stage.anew("dispatcher")
    p95 = sorted(asked)[int(len(asked) * 0.95)]
    assert tasks == ORDERS + WIDE, tasks
    assert rings <= 1.2 * tasks, f"{rings} doorbells for {tasks} tasks"
    return (
        f"{ORDERS} orders of one task and one of {WIDE} (not 10,000: two cores, one row) done in {took:.0f} s; p95 "
        f"from filed to started {waited:.1f} s, {rings} doorbells, broker's peak {peak:.0f} MB, "
        f"web p95 {1000 * p95:.0f} ms"
    )
