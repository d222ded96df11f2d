"""A request becomes a deliverable."""

from __future__ import annotations

from decimal import Decimal

from tests.support import orders
from tests.support.stack import Stack


def test_is_triaged_planned_worked_on_reviewed_and_delivered(nexus: Stack):
    with nexus.client() as client:
        order = orders.file(client)
        view = orders.settled(client, order)
        events = orders.events(client, order)
        ledger = client.get(f"/api/v2/work-orders/{order}/ledger").json()
        download = client.get(f"/api/v2/work-orders/{order}/deliverable")

    types = [task["type"] for task in view["tasks"]]
    assert {"triage", "plan", "review"} <= set(types)
    assert len([task for task in view["tasks"] if task["type"] not in {"triage", "plan", "review", "close"}]) >= 3
    assert max(len(task["depends_on"]) for task in view["tasks"]) >= 2
    assert all(task["attempts"] for task in view["tasks"])
    assert view["sandbox"] is True
    assert Decimal(view["cost_usd"]) == orders.cost_of(view) > 0
    assert Decimal(view["cost_usd"]) == sum(Decimal(line["amount_usd"]) for line in ledger["results"])
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["kind"] == "run.completed"
    assert "Celery" in view["deliverable"]["text"]
    assert "Django" in view["deliverable"]["text"]
    assert download.text == view["deliverable"]["text"]
    orders.assert_books_balance(nexus)


def test_that_is_unclear_asks_back_and_executes_nothing(nexus: Stack):
    with nexus.client() as client:
        order = orders.file(client, "whatever")
        view = orders.settled(client, order, status="blocked")
    assert [task["type"] for task in view["tasks"]] == ["triage"]
    assert view["question"]
    assert view["waiting_for"].startswith("A person is needed")


def test_that_asked_back_goes_on_when_it_is_answered(nexus: Stack):
    with nexus.client() as client:
        order = orders.file(client, "whatever")
        orders.settled(client, order, status="blocked")
        answer = client.post(f"/api/v2/work-orders/{order}/answer", json={"text": orders.REQUEST})
        assert answer.status_code == 200, answer.text
        view = orders.settled(client, order)
        again = client.post(f"/api/v2/work-orders/{order}/answer", json={"text": orders.REQUEST})
    assert view["message"] == f"whatever\n\n{orders.REQUEST}"
    assert "Celery" in view["deliverable"]["text"]
    assert (again.status_code, again.json()["code"]) == (409, "not_waiting")
    orders.assert_books_balance(nexus)


def test_in_chinese_is_answered_in_chinese(nexus: Stack):
    with nexus.client() as client:
        view = orders.settled(client, orders.file(client, "为使用 Celery 的 Django 服务起草一份发布检查清单"))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in view["deliverable"]["text"][:40])


def test_can_be_cancelled_while_it_runs(nexus: Stack):
    with nexus.client() as client:
        order = orders.file(client)
        answer = client.post(f"/api/v2/work-orders/{order}/cancel", json={"reason": "changed my mind"})
        assert answer.status_code == 200, answer.text
        view = orders.settled(client, order, status="cancelled")
        again = client.post(f"/api/v2/work-orders/{order}/cancel", json={})
    assert {task["state"] for task in view["tasks"]} <= {"completed", "cancelled"}
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    orders.assert_books_balance(nexus)


def test_can_be_paused_and_resumed(nexus: Stack):
    with nexus.client() as client:
        order = orders.file(client)
        assert client.post(f"/api/v2/work-orders/{order}/pause", json={}).json()["status"] == "paused"
        assert client.post(f"/api/v2/work-orders/{order}/resume", json={}).status_code == 200
        orders.settled(client, order)
    orders.assert_books_balance(nexus)
