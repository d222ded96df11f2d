"""Review, from a request to what came of it, with real workers."""

from __future__ import annotations

from typing import Any

from tests.support import orders
from tests.support.stack import Stack

REVIEW = '<task kind="review">'


def verdicts(nexus: Stack, times: int, **said: Any) -> None:
    with nexus.sandbox() as sandbox:
        asked = {"match": {"contains": REVIEW}, "times": times, "do": {"data": said}}
        assert sandbox.post("/scenarios", json=asked).status_code in (200, 201)


def forget(nexus: Stack) -> None:
    with nexus.sandbox() as sandbox:
        sandbox.delete("/scenarios")


def test_a_draft_that_fails_its_checks_climbs_until_one_passes(nexus: Stack):
    section = '<task kind="section">'
    with nexus.sandbox() as sandbox:
        lie = {"match": {"contains": section}, "times": 6, "do": {"text": "All tasks are done. Everything passes."}}
        sandbox.post("/scenarios", json=lie)
    with nexus.client() as client:
        order = orders.file(client, acceptance=["must contain: xylophone", {"kind": "parses"}])
        view = orders.settled(client, order)
        events = orders.events(client, order)
    forget(nexus)

    assert view["review"]["outcome"] == "escalated"
    assert "xylophone" in view["deliverable"]["text"].lower()
    tried = [(task["key"], task["role"]) for task in view["tasks"] if task["type"] in ("revise", "review")]
    assert tried[:3] == [("review", "ceo"), ("revise_2", "ceo"), ("review_2", "director")]
    assert "does not show it" in orders.task_of(view, "revise_2")["title"]
    refused, *_ = [event["data"] for event in events if event["kind"] == "order.reviewed"]
    assert (refused["verdict"], refused["outcome"]) == ("fail", "open")
    orders.assert_books_balance(nexus)


def test_what_nobody_can_do_is_decided_by_the_board(nexus: Stack):
    verdicts(nexus, 3, verdict="fail", reasons=["Says nothing of the deadline"])
    with nexus.client() as client:
        order = orders.file(client)
        waiting = orders.settled(client, order, status="blocked")
        (line,) = [one for one in client.get("/api/v2/approvals").json()["results"] if one["order"] == order]
        decided = client.post(
            f"/api/v2/approvals/{line['id']}/decide", json={"decision": "approve", "hash": line["hash"]}
        )
        view = orders.settled(client, order)
    forget(nexus)

    assert waiting["review"] == {"outcome": "needs_board", "drafts": 3}
    assert "Says nothing of the deadline" in waiting["waiting_for"]
    assert decided.status_code == 200, decided.text
    assert view["review"]["outcome"] == "accepted"
    assert view["deliverable"]["text"]


def test_a_health_check_asks_no_model(nexus: Stack):
    with nexus.sandbox() as sandbox:
        before = sandbox.get("/journal/count").json()
    with nexus.client() as client:
        view = orders.settled(client, orders.file(client, "run a health check"))
    with nexus.sandbox() as sandbox:
        assert sandbox.get("/journal/count").json() == before
    assert view["cost_usd"] == "0.000000000"
    assert [task["key"] for task in view["tasks"]] == ["triage", "health_check", "close"]
    assert view["deliverable"]["text"].startswith("# Health check")
