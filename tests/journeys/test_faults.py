"""What breaks is made good: nothing lost, nothing twice."""

from __future__ import annotations

import httpx2

from tests.support import orders
from tests.support.rivals import wait_for
from tests.support.stack import WORKERS, Stack


def test_dead_workers_a_flush_and_a_new_valkey_cost_no_order(nexus: Stack):
    with nexus.client() as client:
        filed = [orders.file(client) for _ in range(12)]
        wait_for(lambda: nexus.rows("SELECT 1 FROM nexus_task WHERE state = 'running'"), what="work in hand")
        nexus.kill(*WORKERS)
        with nexus.redis() as valkey:
            valkey.flushall()
        nexus.restart_valkey()
        for name in WORKERS:
            nexus.start_worker(name, wait=False)
        for order in filed:
            orders.settled(client, order, within=100)
    orders.assert_settled_once(nexus)
    orders.assert_books_balance(nexus)


def test_without_a_broker_an_order_is_taken_in_and_runs_when_it_is_back(nexus: Stack):
    nexus.valkey.stop()
    with nexus.client() as client:
        order = orders.file(client)
        nexus.restart_valkey()
        orders.settled(client, order)


def test_a_pool_child_that_dies_costs_one_attempt(nexus: Stack):
    run = nexus.submit("test.dies")
    wait_for(
        lambda: nexus.rows("SELECT 1 FROM nexus_run WHERE id = %s AND state = 'completed'", run),
        what="the second attempt",
    )
    outcomes = nexus.rows(
        "SELECT a.outcome FROM nexus_attempt a JOIN nexus_task t ON t.id = a.task_id WHERE t.run_id = %s ORDER BY a.id",
        run,
    )
    assert outcomes == [("retry",), ("completed",)]


def test_while_the_provider_is_down_a_task_waits_and_spends_no_attempt(nexus: Stack):
    outage = {"match": {}, "times": 3, "do": {"status": 529}}
    with nexus.sandbox() as sandbox:
        sandbox.post("/scenarios", json=outage)
    with nexus.client() as client:
        order = orders.file(client)
        view = orders.settled(client, order)
    triage = orders.task_of(view, "triage")
    assert {one["outcome"] for one in triage["attempts"]} == {"given_back", "completed"}
    assert [one["number"] for one in triage["attempts"]][-1] == 1
    with nexus.sandbox() as sandbox:
        sandbox.delete("/scenarios")


def test_two_dispatchers_do_no_harm(nexus: Stack):
    nexus.start("dispatcher2", "manage.py", "dispatcher").says("is ready")
    with nexus.client() as client:
        orders.settled(client, orders.file(client))
    nexus.kill("dispatcher2")
    orders.assert_settled_once(nexus)


def test_the_web_process_answers_503_while_postgres_is_away(nexus: Stack):
    nexus.database_allows(False)
    try:
        with nexus.client() as client:
            answer = client.post("/api/v2/work-orders", json={"message": orders.REQUEST})
    finally:
        nexus.database_allows(True)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert isinstance(answer, httpx2.Response)
