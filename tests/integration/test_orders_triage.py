"""Triage: a model sorts, the rules stand in for a bad answer; the unclear is asked back and costs nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.sandbox.remote import Remote
from nexus import engine
from tests.support.runs import kinds, states
from tests.support.stories import an_order, carried_out, models_answered, run_of, status_of, task_of
from workorders.errors import NotWaiting, OrderInvalid
from workorders.flow import clarify
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
TRIAGE = '<task kind="triage">'


@pytest.fixture
def sandbox() -> Iterator[Remote]:
    """What the models answer."""
    with models_answered() as remote:
        yield remote


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("help", "What should come out of it"),
        ("写点什么，随便", "期望的产出"),
        ("???????????", "What should come out of it"),
    ],
)
def test_an_unclear_request_is_asked_back_and_nothing_is_executed(sandbox, message, question):
    order = carried_out(an_order(message))

    assert status_of(order) == "blocked"
    assert question in order.question
    assert (order.difficulty, order.owner_role) == ("unclear", "admin")
    assert states(run_of(order)) == {"triage": "waiting_approval"}
    assert task_of(order, "triage").wait["code"] == "clarification_needed"
    assert sandbox.count() == 0
    assert "order.asked_back" in kinds(run_of(order))


def test_what_the_model_finds_unclear_is_asked_back_too(sandbox):
    answer = {
        "intent": "general_request",
        "difficulty": "unclear",
        "brief": "",
        "relevant_files": [],
        "qa_requirements": "",
        "clarification_question": "Which brokers?",
    }
    sandbox.script(match={"contains": TRIAGE}, data=answer)
    order = carried_out(an_order("Compare the brokers we talked about"))
    assert (status_of(order), order.question) == ("blocked", "Which brokers?")
    assert states(run_of(order)) == {"triage": "waiting_approval"}


def test_an_answer_lets_it_go_on(sandbox):
    order = carried_out(an_order("help"))

    clarify.answer(order=order, text="Draft a packing list for a week in the mountains", actor="alice")
    order = carried_out(order)

    assert order.message == "help\n\nDraft a packing list for a week in the mountains"
    assert status_of(order) == "completed"


def test_released_without_an_answer_the_model_has_the_say(sandbox):
    order = carried_out(an_order("help"))
    engine.unpark(task_id=task_of(order, "triage").pk)
    carried_out(order)
    assert sandbox.count() == 1
    assert status_of(order) == "blocked"


def test_an_answer_that_is_given_twice_is_added_once(sandbox):
    order = carried_out(an_order("help"))
    words = "Draft a packing list for a week in the mountains"
    clarify._append(order_id=order.pk, words=words)  # as if the caller had died after the first half
    clarify.answer(order=order, text=words)
    assert WorkOrder.objects.get(pk=order.pk).message == f"help\n\n{words}"


def test_an_answer_that_nobody_asked_for_is_refused(sandbox):
    order = an_order()
    with pytest.raises(NotWaiting):
        clarify.answer(order=order, text="Anything")
    with pytest.raises(OrderInvalid):
        clarify.answer(order=order, text="  ")
    assert WorkOrder.objects.get(pk=order.pk).message == order.message


def test_a_model_that_does_not_answer_in_form_is_replaced_by_the_rules(sandbox):
    sandbox.script(times=3, match={"contains": TRIAGE}, text="I would say it is quite normal.")

    order = carried_out(an_order("Deploy the API to staging"))

    assert task_of(order, "triage").output["by"] == "rules"
    assert (order.intent, order.difficulty, order.owner_role) == ("ops", "normal", "director")
    assert order.requirements == ["Includes rollback notes.", "Includes a health check."]


def test_a_provider_that_is_down_is_waited_for_and_no_attempt_is_spent(sandbox):
    sandbox.script(match={"contains": TRIAGE}, status=529)

    order = carried_out(an_order())

    waiting = task_of(order, "triage")
    assert (waiting.state, waiting.attempt) == ("pending", 0)
    assert waiting.wait["code"] == "provider_overloaded"
    assert order.intent == ""
    assert status_of(order) == "in_progress"


def test_without_a_key_an_order_waits_and_says_which(sandbox, settings):
    settings.NEXUS_SANDBOX_URL = ""
    order = carried_out(an_order())
    assert "ANTHROPIC_API_KEY" in task_of(order, "triage").wait["message"]
    assert task_of(order, "triage").attempt == 0


def test_files_that_nobody_named_are_not_believed(sandbox):
    answer = {
        "intent": "debug",
        "difficulty": "normal",
        "brief": "Mend it",
        "relevant_files": ["auth/views.py", "/etc/shadow"],
        "qa_requirements": "Prove it",
        "clarification_question": None,
    }
    sandbox.script(match={"contains": TRIAGE}, data=answer)
    order = carried_out(an_order("Fix the login bug in auth/views.py"))
    assert order.relevant_files == ["auth/views.py"]
    assert order.requirements == ["Prove it"]
