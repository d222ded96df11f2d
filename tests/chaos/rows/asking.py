"""Rows at the doors: clients that ask twice, cancel, race for money; a provider that is slow, refuses, is cut off."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

from tests.chaos.stage import LEASE, Stage, pause
from tests.support import orders

UNDER_WAY = 0.1
"""Seconds after a cancel in which a request may still arrive that had passed its last look at the run."""


def slow(stage: Stage) -> str:
    """Row 29: the model thinks for three leases."""
    seconds = 3 * LEASE
    asked = len(stage.journal())
    stage.script(latency_ms=1000 * seconds)
    run = stage.nexus.submit("test.asks")
    stage.run_done(run, within=seconds + 20)
    left = len(stage.journal()) - asked
    assert (stage.attempts(run), left) == (["completed"], 1), (stage.attempts(run), left)
    return f"an answer of {seconds:.0f} s under a lease of {LEASE:.0f} s: one execution, one request"


def refused(stage: Stage) -> str:
    """Row 30: 429 with Retry-After, 529, 503, 500."""
    outcomes = {}
    for status, more in ((429, {"retry_after": 2}), (529, {}), (503, {}), (500, {})):
        stage.script(times=1, status=status, **more)
        run = stage.nexus.submit("test.asks")
        stage.run_done(run, within=45)
        outcomes[status] = stage.attempts(run)
        waited = stage.nexus.rows(
            "SELECT extract(epoch FROM max(a.started_at) - min(a.finished_at)) FROM nexus_attempt a "
            "JOIN nexus_task t ON t.id = a.task_id WHERE t.run_id = %s",
            run,
        )[0][0]
        # A 500 may have cost something: it is booked by estimate, and spends an attempt.
        assert outcomes[status] == ["retry" if status == 500 else "given_back", "completed"], outcomes
        assert status != 429 or waited >= 2, f"asked again after {waited:.1f} s although told to wait 2"
    return "429, 529, 503: given back, no attempt spent, Retry-After obeyed; 500: booked by estimate, one attempt spent"


def cut_off(stage: Stage) -> str:
    """Row 31: the provider wrote the request down, and the answer never came."""
    asked = len(stage.journal())
    stage.script(times=1, before_headers="close")
    run = stage.nexus.submit("test.asks")
    stage.run_done(run)
    stage.quiet()
    left = len(stage.journal()) - asked
    states = stage.nexus.rows(
        "SELECT r.state FROM agents_modelrequest r JOIN agents_modelcall c ON c.id = r.call_id WHERE c.run_id = %s "
        "ORDER BY r.number",
        run,
    )
    assert (left, states) == (2, [("UNKNOWN",), ("SETTLED",)]), (left, states)
    return "UNKNOWN and booked by estimate; one more request, both in the ledger"


def race_for_budget(stage: Stage) -> str:
    """Row 35: fifty tasks at once, room for exactly ten."""
    stage.nexus.kill("agents")
    stage.nexus.start_worker("agents", like="crowd")
    probe = stage.nexus.submit("test.asks")
    stage.run_done(probe)
    [(worst,)] = stage.nexus.rows(
        "SELECT r.max_cost FROM agents_modelrequest r JOIN agents_modelcall c ON c.id = r.call_id WHERE c.run_id = %s",
        probe,
    )
    # Of a project: an order's own budget is used up again by what its calls had reserved and did not spend.
    tenant = f"race-{uuid4().hex[:8]}"
    stage.nexus.rows(
        "INSERT INTO billing_budget (kind, key, period, limit_usd, spent, reserved) VALUES "
        "('project', %s, 'all', %s, 0, 0) RETURNING id",
        tenant,
        10 * worst,
    )
    asked = len(stage.journal())
    stage.script(times=None, latency_ms=8000)
    run = stage.nexus.submit_all([{"key": f"t{n}", "type": "test.asks"} for n in range(50)], tenant=tenant)
    seen = []

    def sample() -> None:
        seen.append(
            stage.nexus.rows("SELECT spent + reserved <= limit_usd FROM billing_budget WHERE key = %s", tenant)[0][0]
        )
        pause(0.01)

    with stage.meanwhile(sample):
        stage.await_rows(
            "SELECT 1 WHERE (SELECT count(*) FROM nexus_task WHERE run_id = %s AND "
            "state IN ('completed', 'waiting_approval')) = 50",
            run,
            what="ten to be answered and forty to be parked",
        )
    parked = stage.nexus.rows("SELECT count(*) FROM nexus_task WHERE run_id = %s AND state = 'waiting_approval'", run)
    left = len(stage.journal()) - asked
    stage.nexus.kill("agents")
    stage.nexus.start_worker("agents")
    assert (left, parked) == (10, [(40,)]), (left, parked)
    assert all(seen), "the budget was overrun for a moment"
    return f"{left} requests left, {parked[0][0]} parked; spent + reserved within the limit in {len(seen)} samples"


def filed_twice(stage: Stage) -> str:
    """Row 38: fifty POSTs with one key; the key with another body; a client that leaves before the answer."""
    key, path = str(uuid4()), "/api/v2/work-orders"
    count = "SELECT count(*) FROM workorders_workorder"
    before = stage.nexus.rows(count)[0][0]
    with stage.nexus.client() as client, ThreadPoolExecutor(25) as pool:

        def post(message: str = orders.REQUEST) -> tuple[int, str | None]:
            answer = client.post(path, json={"message": message}, headers={"Idempotency-Key": key})
            return answer.status_code, answer.json().get("id")

        answers = list(pool.map(lambda _: post(), range(50)))
        status, order = post()
        other = post("Something else entirely")[0]
    ids = {order} | {one for code, one in answers if code == 201}
    assert {code for code, _ in answers} <= {201, 409}, answers
    assert (status, len(ids)) == (201, 1), answers
    assert other == 422, other
    gone = str(uuid4())
    _leave_early(stage, path, gone)
    answer = stage._insist(gone, time.monotonic() + 20)
    assert answer == stage._insist(gone, time.monotonic() + 20)
    made = stage.nexus.rows(count)[0][0] - before
    assert made == 2, f"{made} orders for two keys"
    stage.finished([str(order), answer])
    created = sum(code == 201 for code, _ in answers)
    said = f"{created} x 201, {50 - created} x 409"
    return f"50 POSTs with one key: one order ({said}); another body 422; left early: one order"


def _leave_early(stage: Stage, path: str, key: str) -> None:
    """Send a whole POST and close the connection without reading a byte of the answer."""
    import json
    import socket

    from tests.support.stack import KEY

    body = json.dumps({"message": orders.REQUEST}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{stage.nexus.web_port}\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", stage.nexus.web_port)) as door:
        door.sendall(head.encode() + body)


def cancelled(stage: Stage) -> str:
    """Row 39: cancelled at every stage of an order's life, in a race with its settles."""
    told: dict[str, datetime] = {}
    done: list[str] = []
    with stage.nexus.client() as client:
        for n in range(14):
            order = stage.file()[0]
            pause(n * stage.dice.uniform(0.03, 0.2))
            answer = client.post(f"/api/v2/work-orders/{order}/cancel", json={})
            assert answer.status_code in (200, 409), answer.text
            if answer.status_code == 200:
                told[order] = datetime.now(UTC)
            else:
                done.append(order)
        for order in told:
            orders.settled(client, order, status="cancelled")
        assert {orders.look(client, order)["status"] for order in done} <= {"completed"}
    late = max(_left_after(stage, order, at) for order, at in told.items())
    assert late < UNDER_WAY, f"a request left {1000 * late:.0f} ms after the cancel was acknowledged"
    return (
        f"{len(told)} cancelled, {len(done)} had been done; no request left {1000 * UNDER_WAY:.0f} ms after the answer"
    )


def _left_after(stage: Stage, order: str, told: datetime) -> float:
    """Seconds from the acknowledged cancel of an order to its last model request; negative when that was before."""
    rows = stage.nexus.rows(
        "SELECT q.id FROM agents_modelrequest q JOIN agents_modelcall c ON c.id = q.call_id "
        "JOIN workorders_workorder o ON o.run_id = c.run_id WHERE o.public_id = %s",
        order,
    )
    mine = {str(row[0]) for row in rows}
    left = [datetime.fromisoformat(one["at"]) for one in stage.journal() if one["request_id"] in mine]
    return max(((at - told).total_seconds() for at in left), default=-1.0)
