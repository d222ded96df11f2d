"""Approvals over HTTP: what waits for whom, one decision, and what the second is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Membership, Role
from nexus import engine
from tests.integration.test_api_contract import components, strict  # noqa: F401 - a fixture
from tests.support.gates import asked, pass_time
from tests.support.people import Cast, a_cast, a_person
from tests.support.runs import spec, states, task, work
from workorders.models import Project

pytestmark = pytest.mark.django_db(transaction=True)
APPROVALS = "/api/v2/approvals"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def an_approval(project: Project, **gate: Any) -> engine.Approval:
    """An open one of an order of `project`."""
    with transaction.atomic():
        run = engine.submit(
            tenant=str(project.pk),
            subject="WO-20260217-0001",
            tasks=[spec("one", "test.proposes", input={"gate": gate}), spec("two", after=("one",))],
        )
    return asked(run=run)


def path(approval: engine.Approval, rest: str = "") -> str:
    return f"{APPROVALS}/{approval.pk}{rest}"


def body(approval: engine.Approval, decision: str = "approve", **given: Any) -> dict[str, Any]:
    return {"decision": decision, "hash": approval.hash, **given}


def test_what_waits_for_me_is_listed_and_shown(cast):
    mine, named = an_approval(cast.acme), an_approval(cast.acme, approvers=("bob",))
    an_approval(cast.umbra)

    assert [one["id"] for one in cast.alice.get(APPROVALS).json()["results"]] == [mine.pk]
    assert [one["id"] for one in cast.bob.get(APPROVALS).json()["results"]] == [named.pk, mine.pk]
    assert len(cast.alice.get(f"{APPROVALS}?whose=anybody").json()["results"]) == 2
    assert cast.alice.get(f"{APPROVALS}?state=decided").json()["results"] == []

    shown = cast.alice.get(path(mine)).json()
    assert (shown["order"], shown["task"], shown["state"]) == ("WO-20260217-0001", "one", "waiting")
    assert (shown["content"], shown["hash"], shown["said"]) == ({"text": "a draft"}, mine.hash, [])
    assert "content" not in cast.alice.get(APPROVALS).json()["results"][0]


def test_pages_lead_to_each_other(cast):
    ids = [an_approval(cast.acme).pk for _ in range(3)]
    first = cast.alice.get(f"{APPROVALS}?page_size=2").json()
    second = cast.alice.get(first["next"].removeprefix("http://testserver")).json()
    assert [one["id"] for page in (first, second) for one in page["results"]] == ids[::-1]


def test_an_approved_order_goes_on(cast):
    approval = an_approval(cast.acme)
    answer = cast.bob.post(path(approval, "/decide"), body(approval, reason="good"))
    assert (answer.status_code, answer.json()["state"], answer.json()["decided_by"]) == (200, "approved", "bob")
    (said,) = answer.json()["said"]
    assert (said["actor"], said["decision"], said["channel"]) == ("bob", "approve", "api")
    assert work(approval.run).state == "completed"
    assert [one["id"] for one in cast.bob.get(f"{APPROVALS}?state=decided").json()["results"]] == [approval.pk]
    assert cast.alice.get(f"{APPROVALS}?state=decided").json()["results"] == []
    assert len(cast.alice.get(f"{APPROVALS}?state=decided&whose=anybody").json()["results"]) == 1


def test_content_may_be_any_json(cast):
    approval = an_approval(cast.acme)
    content = {"text": "better", "price": 2.5, "parts": [1, None, True, {"a": "ü"}]}
    answer = cast.bob.post(path(approval, "/decide"), body(approval, "edit_and_approve", content=content))
    assert (answer.status_code, answer.json()["state"], answer.json()["content"]) == (200, "edited", content)
    work(approval.run)
    assert task(approval.run, "one").output["content"] == content


def test_the_second_decision_is_told_the_first(cast):
    approval = an_approval(cast.acme)
    cast.alice.post(path(approval, "/decide"), body(approval))
    answer = cast.bob.post(path(approval, "/decide"), body(approval, "reject", reason="no"))
    assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")
    assert answer.headers["Content-Type"] == "application/problem+json"
    standing = answer.json()["standing"]
    assert (standing["approval"], standing["outcome"], standing["decided_by"]) == (approval.pk, "approved", "alice")
    assert states(approval.run)["one"] == "ready"


def test_a_decision_about_something_else_changes_nothing(cast):
    approval = an_approval(cast.acme)
    now = engine.amend(approval_id=approval.pk, content={"text": "another"})
    answer = cast.bob.post(path(approval, "/decide"), body(approval))
    assert (answer.status_code, answer.json()["code"]) == (409, "superseded")
    assert answer.json()["standing"]["hash"] == now.hash
    assert answer.json()["errors"][0]["pointer"] == "#/hash"
    assert states(approval.run)["one"] == "waiting_approval"


def test_a_decision_after_the_end_is_told_what_time_decided(cast):
    approval = an_approval(cast.acme, expires_after=60, on_timeout="reject")
    pass_time(approval, "expires_at")
    answer = cast.bob.post(path(approval, "/decide"), body(approval))
    assert (answer.status_code, answer.json()["standing"]["outcome"]) == (409, "rejected")


def test_the_same_decision_sent_twice_is_answered_twice_and_taken_once(cast):
    approval, key = an_approval(cast.acme), {"Idempotency-Key": "d-1"}
    first = cast.alice.post(path(approval, "/decide"), body(approval), **key)
    again = cast.alice.post(path(approval, "/decide"), body(approval), **key)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    other = cast.alice.post(path(approval, "/decide"), body(approval, reason="so"), **key)
    assert other.json()["code"] == "idempotency_key_reused"
    assert engine.Vote.objects.count() == 1


def test_whoever_is_not_to_decide_does_not(cast):
    approval = an_approval(cast.acme, approvers=("alice", "bob"), requester="alice", four_eyes=True)
    assert cast.alice.post(path(approval, "/decide"), body(approval)).json()["code"] == "four_eyes"
    carol = a_person("carol", cast.acme, Role.OWNER)
    answer = carol.post(path(approval, "/decide"), body(approval))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_an_approver")
    Membership.objects.filter(user=cast.bob.user).update(role=Role.VIEWER)
    answer = cast.bob.post(path(approval, "/decide"), body(approval))
    assert (answer.status_code, answer.json()["code"]) == (403, "read_only_member")
    assert cast.bob.get(APPROVALS).json()["results"] == []
    assert states(approval.run)["one"] == "waiting_approval"


def test_a_stranger_cannot_tell_it_from_one_that_is_not_there(cast):
    approval = an_approval(cast.acme)
    gone = f"{APPROVALS}/{approval.pk + 1000}"
    for rest, ask in (("", cast.charlie.get), ("/decide", lambda at: cast.charlie.post(at, body(approval)))):
        real, none = ask(path(approval, rest)).json(), ask(gone + rest).json()
        assert (real["status"], real["code"], real["detail"]) == (404, "not_found", none["detail"])
    assert cast.charlie.get(f"{APPROVALS}?whose=anybody").json()["results"] == []
    assert states(approval.run)["one"] == "waiting_approval"


@pytest.mark.parametrize("id", ["0", "9" * 30, "9" * 5000, "x", "1.5", "-1", "%00"])
def test_an_id_that_is_none(cast, id):
    assert cast.alice.get(f"{APPROVALS}/{id}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status", "code", "pointer"),
    [
        ({"decision": "maybe"}, 400, "invalid_choice", "#/decision"),
        ({"decision": None}, 400, "null", "#/decision"),
        ({"hash": "abc"}, 400, "invalid", "#/hash"),
        ({"hash": None}, 400, "null", "#/hash"),
        ({"actor": "bob"}, 400, "unknown_field", "#/actor"),
        ({"reason": 5}, 400, "invalid", "#/reason"),
        ({"reason": "x" * 20_001}, 400, "max_length", "#/reason"),
        ({"content": []}, 400, "not_a_dict", "#/content"),
        ({"content": {}}, 422, "decision_invalid", "#/content"),
        ({"decision": "reject"}, 422, "decision_invalid", "#/reason"),
        ({"decision": "edit_and_approve"}, 422, "decision_invalid", "#/content"),
        ({"decision": "edit_and_approve", "content": {"a": "x" * 1_100_000}}, 422, "decision_invalid", "#/content"),
    ],
)
def test_bad_input_is_refused_where_it_stands(cast, wrong, status, code, pointer):
    approval = an_approval(cast.acme)
    answer = cast.alice.post(path(approval, "/decide"), body(approval) | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer), answer.json()
    assert answer.json()["errors"][0]["code"] == code
    assert states(approval.run)["one"] == "waiting_approval"


@pytest.mark.parametrize("asked_for", ["state=maybe", "whose=all", "page_size=0", "x=1", "cursor=abc"])
def test_a_list_refuses_what_it_does_not_know(cast, asked_for):
    assert cast.alice.get(f"{APPROVALS}?{asked_for}").status_code == 400


def test_the_answers_have_the_shapes_that_are_promised(cast, components):  # noqa: F811 - pytest's way
    approval = an_approval(cast.acme)
    answers = {"ApprovalPage": cast.alice.get(APPROVALS), "Approval": cast.alice.get(path(approval))}
    cast.alice.post(path(approval, "/decide"), body(approval))
    answers["ApprovalProblem"] = cast.bob.post(path(approval, "/decide"), body(approval))
    for shape, answer in answers.items():
        assert [error.message for error in strict(components, shape).iter_errors(answer.json())] == []


def test_a_page_asks_the_same_questions_for_two_rows_and_for_six(cast):
    def questions() -> int:
        with CaptureQueriesContext(connection) as told:
            assert cast.alice.get(APPROVALS).status_code == 200
        return len(told)

    an_approval(cast.acme)
    questions()
    few = questions()
    for _ in range(5):
        an_approval(cast.acme)
    assert questions() == few
