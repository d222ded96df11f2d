"""Review: by another role; what does not pass climbs to the next one, three drafts in all, then people decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.sandbox.remote import Remote
from nexus import engine
from tests.support.runs import states
from tests.support.stories import an_order, carried_out, models_answered, run_of, status_of, task_of
from workorders.flow import decide as decide_flow
from workorders.models import Deliverable

pytestmark = pytest.mark.django_db(transaction=True)
REVIEW = '<task kind="review">'
PASS = {"verdict": "pass", "reasons": []}


@pytest.fixture
def sandbox() -> Iterator[Remote]:
    """What the models answer."""
    with models_answered() as remote:
        yield remote


def verdict(sandbox: Remote, times: int, **said: Any) -> None:
    """Let the reviewer say this, so many times."""
    sandbox.script(times=times, match={"contains": REVIEW}, data=said)


def decide(order: Any, decision: Any, reason: str = "") -> None:
    """Say this to what the order asks the Board."""
    (open_one,) = engine.approvals.waiting().filter(run_id=order.run_id)
    engine.decide(approval_id=open_one.pk, decision=decision, hash=open_one.hash, actor="alice", reason=reason)


def told(order: Any, kind: str) -> list[dict[str, Any]]:
    """What the feed says of this kind."""
    return list(engine.events.of(order.run_id).filter(kind=kind).values_list("data", flat=True))


def test_a_draft_that_passes_at_once_is_a_success(sandbox):
    verdict(sandbox, 1, **PASS)
    order = carried_out(an_order())
    assert status_of(order) == "completed"
    assert (order.review_outcome, order.drafts) == ("success", 1)
    (said,) = told(order, "order.reviewed")
    assert said == {
        "attempt": 1, "author": "director", "by": "ceo", "verdict": "pass", "reasons": [], "outcome": "success"
    }  # fmt: skip


def test_a_draft_that_fails_is_revised_one_step_higher(sandbox):
    verdict(sandbox, 1, verdict="fail", reasons=["Says nothing of rollback"])
    verdict(sandbox, 1, **PASS)

    order = carried_out(an_order())

    assert status_of(order) == "completed"
    refused = task_of(order, "review").output
    assert (refused["verdict"], refused["reasons"]) == ("fail", ["Says nothing of rollback"])
    assert [one["kind"] for one in refused["checks"]][-1] == "judge"
    assert task_of(order, "revise_2").input["role"] == "ceo"
    assert task_of(order, "revise_2").title == "Revise the document, attempt 2: Says nothing of rollback"
    assert task_of(order, "review_2").input["role"] == "director"
    assert Deliverable.objects.get(order=order).body == task_of(order, "revise_2").output["text"]
    assert (order.review_outcome, order.drafts) == ("escalated", 2)


def test_an_inconclusive_review_is_not_a_pass(sandbox):
    verdict(sandbox, 1, verdict="inconclusive", reasons=["Cannot tell whether it runs"])
    verdict(sandbox, 1, **PASS)
    order = carried_out(an_order())
    assert task_of(order, "revise_2").state == "completed"
    assert status_of(order) == "completed"


def test_an_interns_work_climbs_to_the_director_and_the_ceo(sandbox):
    verdict(sandbox, 2, verdict="fail", reasons=["Too short"])
    verdict(sandbox, 1, **PASS)
    order = carried_out(an_order("Translate the greeting of our page, please"))
    roles = {key: task_of(order, key).input["role"] for key in ("section_1", "revise_2", "revise_3")}
    reviewers = {key: task_of(order, key).input["role"] for key in ("review", "review_2", "review_3")}
    assert roles == {"section_1": "intern", "revise_2": "director", "revise_3": "ceo"}
    assert reviewers == {"review": "director", "review_2": "ceo", "review_3": "director"}


def test_the_third_draft_that_fails_is_for_the_board(sandbox):
    verdict(sandbox, 3, verdict="fail", reasons=["Says nothing of rollback"])

    order = carried_out(an_order())

    parked = task_of(order, "review_3")
    assert status_of(order) == "blocked"
    assert parked.wait["code"] == "approval"
    assert "Says nothing of rollback" in parked.wait["message"]
    assert "revise_4" not in states(run_of(order))
    assert not Deliverable.objects.filter(order=order).exists()
    assert (order.review_outcome, order.drafts) == ("needs_board", 3)
    (notice,) = told(order, "order.needs_board")
    assert notice == {
        "order": order.public_id, "intent": order.intent, "difficulty": "normal", "chain": ["director", "ceo", "ceo"],
        "attempts": 3, "error": "Says nothing of rollback", "reasons": ["Says nothing of rollback"],
        "context": order.brief[:500],
    }  # fmt: skip
    (asked,) = engine.approvals.waiting().filter(run_id=order.run_id)
    assert asked.content["draft"] == task_of(order, "revise_3").output["text"]
    assert set(asked.allows) == {"approve", "revise", "reject"}


def test_the_board_accepts_the_last_draft_as_it_is(sandbox):
    verdict(sandbox, 3, verdict="fail", reasons=["Says nothing of rollback"])
    order = carried_out(an_order())
    asked = sandbox.count()

    decide(order, "approve", "good enough")
    order = carried_out(order)

    assert status_of(order) == "completed"
    facts = task_of(order, "review_3").output
    assert (facts["verdict"], facts["by"], facts["reasons"]) == ("accepted", "alice", ["good enough"])
    assert Deliverable.objects.get(order=order).body == task_of(order, "revise_3").output["text"]
    assert sandbox.count() == asked
    assert order.review_outcome == "accepted"


def test_the_board_has_it_done_once_more_by_its_own_reason(sandbox):
    verdict(sandbox, 3, verdict="fail", reasons=["Says nothing of rollback"])
    verdict(sandbox, 1, **PASS)
    order = carried_out(an_order())

    decide(order, "revise", "Begin with the rollback")
    order = carried_out(order)

    assert status_of(order) == "completed"
    assert task_of(order, "review_3").output["reasons"] == ["Begin with the rollback", "Says nothing of rollback"]
    assert task_of(order, "revise_4").input["role"] == "ceo"
    assert (order.review_outcome, order.drafts) == ("escalated", 4)


def test_a_draft_that_the_board_wanted_is_put_to_it_again_when_it_fails(sandbox):
    verdict(sandbox, 4, verdict="fail", reasons=["Says nothing of rollback"])
    order = carried_out(an_order())
    decide(order, "revise", "Once more")
    order = carried_out(order)
    assert task_of(order, "review_4").wait["code"] == "approval"
    assert (order.review_outcome, order.drafts) == ("needs_board", 4)


def test_the_board_ends_what_is_not_good_enough(sandbox):
    verdict(sandbox, 3, verdict="fail", reasons=["Says nothing of rollback"])
    order = carried_out(an_order())
    decide(order, "reject", "not this year")
    assert status_of(order) == "cancelled"


def test_a_release_does_not_go_past_the_board(sandbox):
    verdict(sandbox, 3, verdict="fail", reasons=["Says nothing of rollback"])
    order = carried_out(an_order())
    with pytest.raises(engine.IllegalMove, match="approval"):
        decide_flow.release(run_id=order.run_id, actor="alice")
    assert status_of(order) == "blocked"


def test_what_was_asked_is_asked_in_the_language_of_the_request(sandbox):
    verdict(sandbox, 3, verdict="fail", reasons=["没有说明回滚"])
    order = carried_out(an_order("为使用 Celery 的 Django 服务起草一份发布检查清单"))
    assert "均未通过评审：没有说明回滚" in task_of(order, "review_3").wait["message"]


def test_forbidden_text_fails_without_asking_a_judge(sandbox):
    order = carried_out(an_order(acceptance=["must not contain: sandbox"]))

    assert status_of(order) == "blocked"
    assert task_of(order, "review").output["reasons"] == ["The text must not contain “sandbox” and does."]
    assert [one for one in sandbox.journal() if REVIEW in str(one)] == []


def test_required_text_that_is_missing_is_asked_for_in_the_revision(sandbox):
    sandbox.script(times=None, match={"contains": '<task kind="section">'}, text="Nothing of the kind.")
    order = carried_out(an_order(acceptance=[{"kind": "required", "text": "xylophone"}]))
    assert task_of(order, "review").output["reasons"] == ["The text must contain “xylophone” and does not."]
    assert status_of(order) == "completed"
    assert "xylophone" in Deliverable.objects.get(order=order).body.lower()
