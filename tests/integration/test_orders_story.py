"""An order from request to deliverable: real database, real engine, a sandbox at the other end of the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db.models.functions import Now

from apps.sandbox.remote import Remote
from billing import reports
from nexus import engine
from nexus.leases.renew import end_delivery
from nexus.upkeep.rescuer import rescue_once
from tests.support.runs import ALICE, kinds, states
from tests.support.stories import an_order, carried_out, models_answered, run_of, status_of, task_of
from workorders import queries
from workorders.flow import settle
from workorders.models import Deliverable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox() -> Iterator[Remote]:
    """What the models answer."""
    with models_answered() as remote:
        yield remote


def test_a_request_becomes_a_deliverable(sandbox):
    order = carried_out(an_order())

    assert status_of(order) == "completed"
    assert (order.difficulty, order.owner_role) == ("normal", "director")
    assert set(states(run_of(order)).values()) == {"completed"}
    found = Deliverable.objects.get(order=order)
    assert found.name == "release-checklist-for-a-django-service-with-celery-workers.md"
    assert found.sha256 == hashlib.sha256(found.body.encode()).hexdigest()
    assert found.body.startswith("# Release checklist for a Django service with Celery workers\n")
    assert "Celery" in found.body
    assert found.body.count("\n## ") == len(task_of(order, "plan").output["sections"])


def test_its_tasks_are_a_chain_a_fan_out_and_a_join(sandbox):
    order = carried_out(an_order())

    view = queries.view(order)
    depends_on = {task["key"]: task["depends_on"] for task in view["tasks"]}
    sections = [key for key in depends_on if key.startswith("section_")]
    assert list(depends_on)[:4] == ["triage", "plan", "gather", "outline"]
    assert len(sections) >= 2
    assert all(depends_on[section] == ["outline"] for section in sections)
    assert depends_on["assemble"] == sections
    assert (depends_on["review"], depends_on["close"]) == (["assemble"], ["review"])
    titles = [task["title"] for task in view["tasks"]]
    assert len(set(titles)) == len(titles)


def test_work_crosses_queues_by_what_it_is(sandbox):
    order = carried_out(an_order())
    queues = dict(engine.tasks.of(order.run_id).values_list("key", "queue"))
    assert {queues[key] for key in ("triage", "plan", "review", "close")} == {"nexus.control"}
    assert {queues[key] for key in ("gather", "assemble")} == {"nexus.tools"}
    assert {queues[key] for key in ("outline", "section_1", "section_2")} == {"nexus.agents"}


def test_every_request_is_on_the_ledger_once_and_the_order_costs_their_sum(sandbox):
    order = carried_out(an_order())

    view = queries.view(order)
    lines = reports.lines(order.public_id)
    assert len(lines) == sandbox.count()
    assert Decimal(view["cost_usd"]) == sum(line.amount for line in lines) > 0
    assert Decimal(view["cost_usd"]) == sum(Decimal(task["cost_usd"]) for task in view["tasks"])
    assert task_of(order, "close").output["cost_usd"] == view["cost_usd"]


def test_the_review_is_done_by_another_role_than_the_work(sandbox):
    order = carried_out(an_order())
    roles = {task["key"]: task["role"] for task in queries.view(order)["tasks"]}
    assert roles["section_1"] == "director"
    assert roles["review"] == "ceo"
    assert roles["gather"] is roles["assemble"] is None


def test_a_chinese_request_is_answered_in_chinese(sandbox):
    order = carried_out(an_order("起草一份 Django 服务的发布清单"))
    assert status_of(order) == "completed"
    body = Deliverable.objects.get(order=order).body
    assert body.startswith("# Django 服务的发布清单\n")
    assert sum("\u4e00" <= character <= "\u9fff" for character in body) > 200
    assert Deliverable.objects.get(order=order).name == "django-服务的发布清单.md"


def test_a_trivial_request_is_the_interns_and_gets_no_outline(sandbox):
    order = carried_out(an_order("Translate the greeting of our page, please"))
    assert (order.difficulty, order.owner_role, status_of(order)) == ("trivial", "intern", "completed")
    assert task_of(order, "section_1").input["role"] == "intern"
    assert "outline" not in states(run_of(order))


def test_a_complex_request_is_the_ceos(sandbox):
    order = carried_out(an_order("Plan the migration of our database with performance in mind"))
    assert (order.difficulty, order.owner_role, status_of(order)) == ("complex", "ceo", "completed")


def test_files_that_came_with_the_request_reach_the_writers(sandbox):
    order = an_order(files=[{"name": "notes.txt", "content": "The canary goes first."}])
    carried_out(order)
    assert task_of(order, "gather").output["files"] == {"File notes.txt": "The canary goes first."}
    assert task_of(order, "triage").output["relevant_files"] == ["notes.txt"]


def test_the_feed_has_no_gap_and_tells_the_story(sandbox):
    order = carried_out(an_order())
    said = kinds(run_of(order))
    assert [kind for kind in said if kind.startswith("order.")] == [
        "order.triaged", "order.checks_sealed", "order.quoted", "order.reviewed", "order.delivered",
    ]  # fmt: skip
    assert said[-1] == "run.completed"


def test_text_that_looks_like_a_template_stays_text(sandbox):
    order = carried_out(an_order("Explain what {settings.SECRET_KEY} and {{ 0.__class__ }} mean in templates"))
    assert status_of(order) == "completed"
    assert "{settings.SECRET_KEY}" in Deliverable.objects.get(order=order).body


class Died(BaseException):
    """The end of a worker: nothing catches it."""


def die(*_: object) -> None:
    raise Died


def test_a_worker_that_dies_after_storing_the_deliverable_leaves_one(sandbox, monkeypatch):
    order = an_order()
    with monkeypatch.context() as then, pytest.raises(Died):
        then.setattr(settle.reports, "of_order", die)
        carried_out(order)
    assert Deliverable.objects.filter(order=order).count() == 1

    end_delivery(ALICE.delivery, holder=ALICE.worker)
    rescue_once()
    engine.tasks.filter(run_id=order.run_id, state="pending").update(not_before=Now())
    carried_out(order)
    assert status_of(order) == "completed"
    assert Deliverable.objects.filter(order=order).count() == 1
    assert kinds(run_of(order)).count("order.delivered") == 1
