"""An order as surfaces show it: every field, and the same number of statements whatever its size."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.sandbox.remote import Remote
from nexus import engine
from tests.support.rivals import Rival
from tests.support.runs import claimed
from tests.support.stories import an_order, carried_out, models_answered, run_of
from workorders import queries

pytestmark = pytest.mark.django_db(transaction=True)
FIELD = re.compile(r"^\| (`[^|]+) \|", re.MULTILINE)
CODE = re.compile(r"`(\w+)`")


@pytest.fixture
def sandbox() -> Iterator[Remote]:
    """What the models answer."""
    with models_answered() as remote:
        yield remote


def test_a_new_order_is_shown_before_anything_happened():
    order = an_order(budget_usd=None)
    view = queries.view(order)
    assert view["status"] == "queued"
    assert view["deliverable"] is view["question"] is view["finished_at"] is view["budget_usd"] is None
    assert (view["cost_usd"], view["tokens"]) == ("0.000000000", {"input": 0, "output": 0})
    assert view["waiting_for"] == "Waits for a worker of nexus.control"
    assert [task["key"] for task in view["tasks"]] == ["triage"]
    assert view["tasks"][0]["role"] == "admin"


def test_a_finished_order_is_shown_in_full(sandbox):
    order = carried_out(an_order("Fix the login bug in auth/views.py"))
    view = json.loads(json.dumps(queries.view(order)))
    assert (view["id"], view["status"], view["sandbox"]) == (order.public_id, "completed", True)
    assert view["deliverable"]["url"] == f"/api/v2/work-orders/{order.public_id}/deliverable"
    assert view["waiting_for"] is None
    assert view["last_seq"] == run_of(order).last_seq
    shown = "key title type queue role model state depends_on priority attempts tokens cost_usd waiting_for progress"
    assert {frozenset(task) for task in view["tasks"]} == {frozenset(shown.split())}
    plan = next(task for task in view["tasks"] if task["key"] == "plan")
    assert (plan["role"], plan["model"], plan["state"]) == ("director", "claude-sonnet-5-5", "completed")
    assert plan["tokens"]["input"] > 0
    (attempt,) = plan["attempts"]
    assert (attempt["number"], attempt["worker"], attempt["outcome"]) == (1, "alice/1", "completed")


def test_a_report_adds_the_feed_and_the_ledger(sandbox):
    order = carried_out(an_order("Fix the login bug in auth/views.py"))
    report = queries.report(order)
    assert [event["seq"] for event in report["events"]] == list(range(1, report["last_seq"] + 1))
    assert {event["kind"] for event in report["events"]} >= {"run.submitted", "order.triaged", "run.completed"}
    assert len(report["ledger"]) == sandbox.count()
    json.dumps(report)


def test_the_page_describes_every_field_and_no_other(sandbox):
    report = queries.report(carried_out(an_order("Fix the login bug in auth/views.py")))
    page = (Path(__file__).parents[2] / "docs/reference/run-json.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (?:A task|The report)$", page, flags=re.MULTILINE)
    view, task, rest = (set(FIELD.findall(part)) for part in parts)

    names = {name for cell in view | rest for name in CODE.findall(cell)}
    assert names == set(report)
    assert {name for cell in task for name in CODE.findall(cell)} == set(report["tasks"][0])
    example = json.loads(page.partition("```json")[2].partition("```")[0])
    assert set(example) == set(report)
    assert set(example["tasks"][0]) == set(report["tasks"][0])
    assert set(example["tasks"][0]["attempts"][0]) == set(report["tasks"][0]["attempts"][0])
    assert set(example["events"][0]) == set(report["events"][0])
    assert set(example["ledger"][0]) == set(report["ledger"][0])


def test_a_parked_order_says_who_is_needed():
    order = carried_out(an_order("help"))
    view = queries.view(order)
    assert view["status"] == "blocked"
    assert view["waiting_for"].startswith("A person is needed: I cannot tell yet what to do")
    assert view["question"].startswith("I cannot tell yet what to do")


def test_a_paused_order_says_so():
    order = an_order()
    engine.pause(run_id=order.run_id)
    assert queries.view(order)["waiting_for"] == "The order is paused"


def test_a_running_task_shows_its_last_progress():
    order = an_order()
    held = claimed(run_of(order), "triage")
    for fraction in (0.2, 0.6):
        with transaction.atomic():
            said = {"fraction": fraction, "note": "reading"}
            engine.tell(run_id=order.run_id, task_id=held.task_id, kind="task.progress", data=said)
    view = queries.view(order)
    assert view["tasks"][0]["progress"] == {"fraction": 0.6, "note": "reading"}
    assert view["waiting_for"] is None


def test_what_is_shown_is_of_one_moment(sandbox, monkeypatch):
    order = an_order("Fix the login bug in auth/views.py")
    before = queries.view(order)
    ask = queries.reports.of_order

    def ask_late(public_id: str) -> object:
        # While the view is being read, somebody else carries the whole order out.
        rival = Rival(lambda: carried_out(order))
        rival.start()
        rival.ended()
        return ask(public_id)

    monkeypatch.setattr(queries.reports, "of_order", ask_late)
    assert queries.view(order) == before
    monkeypatch.undo()
    assert queries.view(order)["status"] == "completed"


def statements(order: object) -> int:
    with CaptureQueriesContext(connection) as asked:
        queries.view(order)
    return len(asked)


def test_the_number_of_statements_does_not_grow_with_the_order(sandbox):
    small, large = an_order("help"), an_order()
    carried_out(small)
    carried_out(large)
    assert engine.tasks.of(large.run_id).count() > 8
    assert statements(large) <= statements(small) <= 17
