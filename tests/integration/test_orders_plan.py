"""Planning: a plan that cannot be run is returned once, then refused; a good one is written with its own end."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from apps.sandbox.remote import Remote
from billing import budgets
from nexus import engine
from tests.support.runs import states
from tests.support.stories import an_order, carried_out, models_answered, run_of, status_of, task_of

pytestmark = pytest.mark.django_db(transaction=True)
PLAN = '<task kind="plan">'


@pytest.fixture
def sandbox() -> Iterator[Remote]:
    """What the models answer."""
    with models_answered() as remote:
        yield remote


def a_plan(*sections: tuple[str, list[str]]) -> dict[str, Any]:
    """An answer with these sections: key, and what each builds on."""
    drafts = [{"key": key, "title": key.title(), "focus": f"Say {key}", "after": after} for key, after in sections]
    return {"summary": "How", "sections": drafts, "acceptance": []}


CIRCLE = a_plan(("one", ["two"]), ("two", ["one"]))


def test_sections_that_build_on_others_start_after_them(sandbox):
    sandbox.script(match={"contains": PLAN}, data=a_plan(("one", []), ("two", ["one"]), ("three", ["one"])))
    order = carried_out(an_order())
    parents = engine.Dependency.objects.filter(child=task_of(order, "section_2")).values_list("parent__key", flat=True)
    assert set(parents) == {"outline", "section_1"}
    assert {"section_1", "section_2", "section_3", "assemble"} <= set(states(run_of(order)))
    assert task_of(order, "assemble").state == "completed"


def test_a_plan_that_cannot_be_run_is_returned_with_the_reason(sandbox):
    sandbox.script(match={"contains": PLAN}, data=CIRCLE)

    order = carried_out(an_order())

    assert task_of(order, "plan").state == "completed"
    assert task_of(order, "assemble").state == "completed"
    again = [one for one in sandbox.journal() if one["model"].startswith("claude-sonnet")]
    assert len(again) > 1


@pytest.mark.parametrize(
    "plan",
    [CIRCLE, a_plan(("one", [])), a_plan(("one", []), ("one", [])), a_plan(("one", []), ("two", ["nine"]))],
    ids=["circle", "one section", "two alike", "unknown parent"],
)
def test_a_second_plan_like_it_is_refused_and_nothing_of_it_is_written(sandbox, plan):
    sandbox.script(times=2, match={"contains": PLAN}, data=plan)

    order = carried_out(an_order())

    assert states(run_of(order)) == {"triage": "completed", "plan": "failed"}
    assert task_of(order, "plan").error["code"] == "plan_invalid"
    assert status_of(order) == "blocked"


def test_an_order_stops_at_its_budget_and_goes_on_when_it_is_raised(sandbox):
    order = carried_out(an_order(budget_usd=Decimal("0.0001")))
    waiting = task_of(order, "triage")
    assert (status_of(order), waiting.wait["code"]) == ("blocked", "budget_exceeded")
    assert sandbox.count() == 0

    with transaction.atomic():
        budgets.set_limit(kind="order", key=order.public_id, limit=Decimal(10))
    engine.unpark(task_id=waiting.pk, actor="alice")
    carried_out(order)

    assert task_of(order, "assemble").state == "completed"
