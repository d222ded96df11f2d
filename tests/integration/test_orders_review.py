"""Review: by another role; what does not pass climbs to the next one, three drafts in all, then people decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.sandbox.remote import Remote
from nexus import engine
from tests.support.runs import states
from tests.support.stories import an_order, carried_out, models_answered, run_of, status_of, task_of
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


def test_a_draft_that_fails_is_revised_one_step_higher(sandbox):
    verdict(sandbox, 1, verdict="fail", reasons=["Says nothing of rollback"])
    verdict(sandbox, 1, **PASS)

    order = carried_out(an_order())

    assert status_of(order) == "completed"
    assert task_of(order, "review").output == {"verdict": "fail", "reasons": ["Says nothing of rollback"]}
    assert task_of(order, "revise_2").input["role"] == "ceo"
    assert task_of(order, "review_2").input["role"] == "director"
    assert Deliverable.objects.get(order=order).body == task_of(order, "revise_2").output["text"]


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
    assert parked.wait["code"] == "needs_board"
    assert "Says nothing of rollback" in parked.wait["message"]
    assert "revise_4" not in states(run_of(order))
    assert not Deliverable.objects.filter(order=order).exists()


def test_the_board_accepts_the_last_draft_by_releasing_it(sandbox):
    verdict(sandbox, 3, verdict="fail", reasons=["Says nothing of rollback"])
    order = carried_out(an_order())
    asked = sandbox.count()

    engine.unpark(task_id=task_of(order, "review_3").pk, actor="alice", note="good enough")
    carried_out(order)

    assert status_of(order) == "completed"
    assert task_of(order, "review_3").output == {"verdict": "accepted", "reasons": [], "by": "alice"}
    assert Deliverable.objects.get(order=order).body == task_of(order, "revise_3").output["text"]
    assert sandbox.count() == asked


def test_the_board_cancels_what_is_not_good_enough(sandbox):
    verdict(sandbox, 3, verdict="fail", reasons=["Says nothing of rollback"])
    order = carried_out(an_order())
    engine.cancel(run_id=order.run_id)
    assert status_of(order) == "cancelled"


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
