"""A stage whose worker was overtaken writes nothing to the order, whatever it had found out."""

from __future__ import annotations

import pytest

from nexus import engine
from nexus.execution import runner
from nexus.leases.renew import end_delivery
from nexus.upkeep.rescuer import rescue_once
from tests.support.runs import MALLORY, claimed, kinds
from tests.support.stories import an_order, run_of
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


def test_writes_neither_its_question_nor_its_event():
    order = an_order("help")
    held = claimed(run_of(order), "triage", MALLORY)
    end_delivery(MALLORY.delivery, holder=MALLORY.worker)
    rescue_once()

    runner.run_one(held, holder=MALLORY)

    late = WorkOrder.objects.get(pk=order.pk)
    assert (late.question, late.difficulty) == ("", "")
    assert "order.asked_back" not in kinds(run_of(order))
    assert engine.tasks.get(run_id=order.run_id).state == "pending"
