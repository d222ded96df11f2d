"""How many statements the engine spends on a task: counted, so that nobody adds one unseen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nexus import engine
from nexus.dispatch.dispatcher import dispatch_once
from nexus.execution.runner import deliver
from tests.support.runs import ALICE, spec, submitted, task

pytestmark = pytest.mark.django_db(transaction=True)


def spoken(statements: CaptureQueriesContext) -> list[str]:
    """What was asked, without the frame of transactions and the call to the dispatchers, which may be left out."""
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SELECT pg_notify")
    return [one["sql"] for one in statements.captured_queries if not one["sql"].startswith(frame)]


def test_a_task_takes_a_claim_and_a_settle():
    run = submitted(spec("one", "test.answers", input={"answer": "done"}))
    bell = {"task_id": task(run, "one").pk, "queue": "nexus.agents", "holder": ALICE}
    with CaptureQueriesContext(connection) as statements:
        deliver(**bell)
    claim, settle = spoken(statements)
    assert "nexus_claim(" in claim
    assert "nexus_settle(" in settle
    assert engine.runs.get(pk=run.pk).state == "completed"


def test_going_on_costs_no_claim():
    run = submitted(
        *(spec(f"t{n}", "test.answers", input={"answer": "done"}, after=(f"t{n - 1}",) if n else ()) for n in range(6))
    )
    first = task(run, "t0").pk
    with CaptureQueriesContext(connection) as statements:
        deliver(task_id=first, queue="nexus.agents", holder=ALICE)
    assert len(spoken(statements)) == 1 + 6


@pytest.mark.parametrize("runs", [1, 20])
def test_dispatching_takes_a_fixed_number_of_statements(valkey_flushed, runs):
    for _ in range(runs):
        submitted(spec("one"))
    with CaptureQueriesContext(connection) as statements:
        assert dispatch_once() == runs
    assert len(spoken(statements)) == 2


def test_submitting_does_not_ask_per_task():
    with CaptureQueriesContext(connection) as few:
        submitted(spec("a"), spec("b", after=("a",)))
    with CaptureQueriesContext(connection) as many:
        submitted(spec("a"), *(spec(f"t{n}", after=("a",)) for n in range(40)))
    assert len(spoken(many)) == len(spoken(few)) == 1


def test_hot_statements_are_prepared_once_for_a_connection():
    submitted(spec("one"))
    deliver(task_id=0, queue="nexus.agents", holder=ALICE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        prepared = " ".join(statement for (statement,) in cursor.fetchall())
    assert [name for name in ("submit", "claim", "claim_next", "settle") if f"nexus_{name}(" not in prepared] == []
