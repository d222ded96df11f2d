"""An order's status follows from its run and its tasks, in one statement, whatever happens to them."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from nexus import engine
from nexus.tasks import transitions
from tests.support.runs import ALICE, claimed, spec, submitted, work
from tests.support.stories import a_project, an_order, run_of, status_of
from workorders.models import WorkOrder
from workorders.states import OrderState

pytestmark = pytest.mark.django_db(transaction=True)


def an_order_of(*specs: engine.TaskSpec, **given: object) -> WorkOrder:
    """An order whose run has these tasks instead of the usual first one."""
    run = submitted(*specs, **given)
    return WorkOrder.objects.create(
        public_id=f"WO-TEST-{run.pk}", project=a_project(), run_id=run.pk, message="Compare three message brokers"
    )


def test_queued_until_a_task_starts():
    order = an_order()
    assert status_of(order) == "queued"
    claimed(run_of(order), "triage")
    assert status_of(order) == "in_progress"


def test_paused_and_resumed():
    order = an_order()
    engine.pause(run_id=order.run_id)
    assert status_of(order) == "paused"
    engine.resume(run_id=order.run_id)
    assert status_of(order) == "queued"


def test_cancelled():
    order = an_order()
    engine.cancel(run_id=order.run_id)
    assert status_of(order) == "cancelled"


def test_completed():
    order = an_order_of(spec("one"))
    work(run_of(order))
    assert status_of(order) == "completed"


def test_failed_when_the_run_says_so():
    order = an_order_of(spec("one", "test.answers", input={"answer": "refused"}), on_failure="fail")
    work(run_of(order))
    assert status_of(order) == "failed"


@pytest.mark.parametrize("answer", ["park", "refused"])
def test_blocked_when_only_a_person_can_go_on(answer):
    order = an_order_of(spec("one", "test.answers", input={"answer": answer}), spec("two", after=("one",)))
    work(run_of(order))
    assert status_of(order) == "blocked"


def test_not_blocked_while_something_else_goes_on():
    order = an_order_of(spec("one", "test.answers", input={"answer": "park"}), spec("two"))
    held = claimed(run_of(order), "two")
    work(run_of(order))
    assert status_of(order) == "in_progress"

    transitions.settle(held, "completed", ALICE, output={})
    assert status_of(order) == "blocked"


def test_not_blocked_while_something_waits_for_a_time_only():
    order = an_order_of(
        spec("one", "test.answers", input={"answer": "park"}),
        spec("two", "test.answers", input={"answer": "give_back", "after": 3600}),
    )
    work(run_of(order))
    assert status_of(order) == "in_progress"


def test_released_it_goes_on():
    order = an_order_of(spec("one", "test.answers", input={"answer": "park"}))
    work(run_of(order))
    engine.unpark(task_id=engine.tasks.get(run_id=order.run_id, key="one").pk)
    assert status_of(order) == "in_progress"


def test_orders_can_be_asked_for_by_status_and_project():
    mine, theirs = an_order(project=a_project("acme")), an_order(project=a_project("other"))
    engine.cancel(run_id=theirs.run_id)

    seen = WorkOrder.objects.in_projects([mine.project_id])
    assert [order.public_id for order in seen.with_status()] == [mine.public_id]
    assert list(WorkOrder.objects.in_status(OrderState.CANCELLED)) == [theirs]
    assert list(WorkOrder.objects.recent()) == [theirs, mine]
    assert not seen.named(theirs.public_id).exists()


def test_a_list_of_any_length_is_one_statement():
    for _ in range(5):
        an_order()
    with CaptureQueriesContext(transaction.get_connection()) as asked:
        assert [order.status for order in WorkOrder.objects.with_status().recent()] == ["queued"] * 5
    assert len(asked) == 1
