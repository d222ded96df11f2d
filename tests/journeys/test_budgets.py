"""A budget with room for ten calls, and two hundred tasks of four worker processes that want one each."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from tests.support.rivals import wait_for
from tests.support.stack import Stack

TASKS, ROOM, RAISED = 200, 10, 25
MORE = ("agents2", "agents3", "agents4")
SCOPE = "/api/v2/budgets/role/intern"


class Observer(threading.Thread):
    """Looks at the budget again and again until told to stop; keeps every sight of it."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url, self._enough = url, threading.Event()
        self.looks = 0
        self.overrun: list[tuple[Decimal, ...]] = []

    def run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._enough.wait(0.01):
                look = "SELECT limit_usd, spent, reserved FROM billing_budget WHERE kind = 'role' AND key = 'intern'"
                for limit, spent, reserved in connection.execute(look):
                    self.looks += 1
                    if limit is not None and spent + reserved > limit:
                        self.overrun.append((limit, spent, reserved))

    def __enter__(self) -> Observer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.join(10)


def asked(nexus: Stack) -> int:
    with nexus.sandbox() as sandbox:
        return sum(one["path"] == "/v1/messages" for one in sandbox.get("/journal").json())


def put(nexus: Stack, limit: Decimal | None) -> dict[str, Any]:
    with nexus.client() as client:
        answer = client.put(SCOPE, json={"limit_usd": None if limit is None else f"{limit:f}", "reason": "a test"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def counted(nexus: Stack, run: int) -> dict[str, int]:
    """State, or the reason of what is parked -> how many tasks."""
    return dict(
        nexus.rows(
            "SELECT coalesce(wait ->> 'code', state), count(*) FROM nexus_task WHERE run_id = %s GROUP BY 1", run
        )
    )


def worst_case(nexus: Stack, barrier: Path) -> Decimal:
    """What one of these calls reserves; from now on the sandbox reports that each has cost exactly that."""
    barrier.touch()
    run = nexus.submit("test.spends", input={"until": str(barrier)})
    wait_for(lambda: counted(nexus, run) == {"completed": 1}, what="one call")
    barrier.unlink()
    ((most, prompt),) = nexus.rows(
        "SELECT max_cost, max_input_tokens FROM agents_modelrequest ORDER BY created_at DESC LIMIT 1"
    )
    usage = {"input_tokens": prompt, "output_tokens": 200}
    with nexus.sandbox() as sandbox:
        sandbox.post("/scenarios", json={"match": {"contains": "one of many"}, "times": None, "do": {"usage": usage}})
    return Decimal(most)


def test_of_two_hundred_tasks_ten_call_and_a_raise_lets_as_many_more_go_on_by_itself(nexus: Stack, tmp_path: Path):
    barrier = tmp_path / "go"
    for name in MORE:
        nexus.start_worker(name, like="agents", wait=False)
    most = worst_case(nexus, barrier)
    spent = Decimal(put(nexus, Decimal(1000))["spent_usd"])
    put(nexus, spent + ROOM * most)
    before = asked(nexus)
    for name in MORE:
        nexus.running[name].says("ready.")
    tasks = [{"key": f"t{number}", "type": "test.spends", "input": {"until": str(barrier)}} for number in range(TASKS)]
    try:
        with Observer(nexus.env["DATABASE_URL"]) as observer:
            run = nexus.submit_all(tasks, subject="crowd")
            wait_for(lambda: counted(nexus, run).get("running", 0) >= 4 * 8, what="every thread at the barrier")
            barrier.touch()
            wait_for(lambda: not {"ready", "running", "pending"} & set(counted(nexus, run)), within=60, what="an end")
            assert counted(nexus, run) == {"completed": ROOM, "budget_exceeded": TASKS - ROOM}
            assert asked(nexus) - before == ROOM

            put(nexus, spent + (ROOM + RAISED) * most)
            left = {"completed": ROOM + RAISED, "budget_exceeded": TASKS - ROOM - RAISED}
            wait_for(lambda: counted(nexus, run) == left, within=60, what="as many more as there is room for")
            assert asked(nexus) - before == ROOM + RAISED
        nexus.cancel(run)  # or all that still waits would go on when the limit is lifted
        assert observer.overrun == []
        assert observer.looks > 100
        workers = nexus.rows(
            "SELECT DISTINCT worker FROM nexus_attempt JOIN nexus_task t ON t.id = task_id WHERE t.run_id = %s", run
        )
        assert len(workers) >= 4
        assert nexus.rows("SELECT spent, reserved FROM billing_budget WHERE kind = 'role' AND key = 'intern'") == [
            (spent + (ROOM + RAISED) * most, 0)
        ]
    finally:
        put(nexus, None)
        with nexus.sandbox() as sandbox:
            sandbox.delete("/scenarios")
        nexus.kill(*MORE)
