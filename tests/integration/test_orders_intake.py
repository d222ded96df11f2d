"""Intake: an order, a run and a first task, or nothing at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction

from nexus import engine
from tests.support.stories import a_project, an_order, status_of
from workorders.errors import OrderInvalid
from workorders.flow import intake
from workorders.models import DailySerial, WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_accepted_order_has_a_run_with_one_task_that_is_due():
    order = an_order("Compare three message brokers", priority=8, channel="cli", requester="alice")

    run = order.run
    (task,) = engine.tasks.of(run.pk)
    assert (run.subject, run.tenant, run.priority) == (order.public_id, str(order.project_id), 8)
    assert (task.key, task.type, task.queue, task.state) == ("triage", "triage", "nexus.control", "ready")
    assert status_of(order) == "queued"


def test_what_comes_with_the_request_is_kept():
    order = an_order(
        files=[{"name": "a.py", "content": "x = 1\n"}],
        acceptance=["Reads well", {"kind": "required", "text": "rollback"}, {"kind": "forbidden", "text": "TODO"}],
        budget_usd=Decimal("2.50"),
    )

    order.refresh_from_db()
    assert order.files == [{"name": "a.py", "content": "x = 1\n"}]
    assert order.acceptance == ["Reads well", "must contain: rollback", "must not contain: TODO"]
    assert order.budget_usd == Decimal("2.5")


def test_it_works_in_its_callers_transaction_only():
    with pytest.raises(RuntimeError, match="caller's transaction"):
        intake.accept(message="Compare three message brokers", project=a_project())


def test_a_caller_that_rolls_back_leaves_nothing():
    project = a_project()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        intake.accept(message="Compare three message brokers", project=project)
        raise ZeroDivisionError

    assert not WorkOrder.objects.exists()
    assert not engine.runs.exists()
    assert not DailySerial.objects.exists()


@pytest.mark.parametrize(
    ("asked", "pointer", "reason"),
    [
        ({"message": ""}, "/message", "empty"),
        ({"message": " \n\t "}, "/message", "empty"),
        ({"message": "a\0b"}, "/message", "not_text"),
        ({"message": "a\ud800b"}, "/message", "not_text"),
        ({"message": "x" * 50_001}, "/message", "too_long"),
        ({"files": [{"name": " ", "content": ""}]}, "/files/0/name", "empty"),
        ({"files": [{"name": "a", "content": "\0"}]}, "/files/0/content", "not_text"),
        ({"files": [{"name": "a", "content": ""}] * 51}, "/files", "too_many"),
        ({"acceptance": ["fine", ""]}, "/acceptance/1", "empty"),
        ({"acceptance": ["x"] * 51}, "/acceptance", "too_many"),
        ({"priority": 11}, "/priority", "out_of_range"),
        ({"priority": -1}, "/priority", "out_of_range"),
        ({"workflow": "nobody"}, "/workflow", "unknown"),
        ({"channel": "carrier pigeon"}, "/channel", "unknown"),
        ({"budget_usd": Decimal(0)}, "/budget_usd", "out_of_range"),
        ({"budget_usd": Decimal(-1)}, "/budget_usd", "out_of_range"),
        ({"budget_usd": Decimal("NaN")}, "/budget_usd", "out_of_range"),
        ({"budget_usd": Decimal("Infinity")}, "/budget_usd", "out_of_range"),
        ({"budget_usd": Decimal("1e12")}, "/budget_usd", "out_of_range"),
        ({"budget_usd": Decimal("1e-10")}, "/budget_usd", "too_precise"),
    ],
)
def test_what_cannot_be_accepted_is_refused_with_a_pointer_and_leaves_nothing(asked, pointer, reason):
    with pytest.raises(OrderInvalid) as refusal:
        an_order(**asked)

    assert refusal.value.facts == {"pointer": pointer, "reason": reason}
    assert not WorkOrder.objects.exists()
    assert not engine.runs.exists()
