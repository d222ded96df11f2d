"""Near the end of a budget a role works with the model of the tier below it, and the record says so."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.test import override_settings

from agents.errors import Overspent
from agents.models import ModelRequest, Role
from billing import budgets
from billing.models import Budget, LedgerEntry
from nexus import engine
from tests.support.model_calls import an_execution, ask, check_journals, states
from tests.support.spending import budget
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)
OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def used(share: str, kind: str = "order", key: str = "WO-TEST") -> None:
    budgets.set_limit(kind=kind, key=key, limit=Decimal(10))
    Budget.objects.filter(kind=kind, key=key).update(spent=Decimal(share) * 10)


def model_of(role: str, **given) -> str:
    ask(an_execution(**given), role=role, max_tokens=100)
    return ModelRequest.objects.order_by("-created_at").first().model


@pytest.mark.parametrize(
    ("share", "role", "model"),
    [
        ("0.799999", "ceo", OPUS), ("0.8", "ceo", SONNET), ("0.95", "director", HAIKU), ("0.95", "intern", HAIKU),
        ("0.95", "admin", HAIKU),
    ],
)  # fmt: skip
def test_from_four_fifths_on_a_role_steps_down_one_tier(share, role, model):
    used(share)
    assert model_of(role) == model


@pytest.mark.parametrize(("kind", "key"), [("project", "acme"), ("role", "ceo"), ("day", "today")])
def test_any_budget_of_the_call_counts(kind, key):
    used("0.9", kind, budgets.today() if key == "today" else key)
    assert model_of("ceo") == SONNET


def test_the_record_the_ledger_and_the_feed_say_which_model_it_was(sandbox):
    used("0.9")
    context = an_execution()
    answer = ask(context, role="ceo", max_tokens=100)
    request = ModelRequest.objects.get()
    line = LedgerEntry.objects.get()
    assert (request.role, request.model, request.stepped_from) == ("ceo", SONNET, OPUS)
    assert (line.role, line.model, answer.model) == ("ceo", SONNET, SONNET)
    assert sandbox.journal()[-1]["model"] == SONNET
    (said,) = engine.events.of(context.run_id).filter(kind="call.stepped_down")
    assert said.data == {"role": "ceo", "from_model": OPUS, "to_model": SONNET}


def test_what_is_not_stepped_down_says_nothing():
    context = an_execution()
    ask(context, role="ceo", max_tokens=100)
    assert ModelRequest.objects.get().stepped_from == ""
    assert not engine.events.of(context.run_id).filter(kind="call.stepped_down").exists()


def test_a_role_whose_data_do_not_allow_it_stays():
    Role.objects.filter(name="ceo").update(steps_down_to="")
    used("0.9")
    assert model_of("ceo") == OPUS


def test_a_role_that_steps_down_to_nobody_stays():
    Role.objects.filter(name="ceo").update(steps_down_to="somebody")
    used("0.9")
    assert model_of("ceo") == OPUS


def test_a_model_that_a_person_has_chosen_stays():
    used("0.9")
    assert model_of("ceo", input={"model": OPUS}) == OPUS


def test_the_share_is_a_setting():
    used("0.9")
    with override_settings(BUDGETS={"STEP_DOWN": 2}):
        assert model_of("ceo") == OPUS


def test_a_provider_that_writes_more_than_it_was_asked_for_is_cut_and_booked_by_estimate(sandbox):
    begun = {
        "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": HAIKU, "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 12, "output_tokens": 1},
    }  # fmt: skip
    words = {"type": "text_delta", "text": "on and on " * 100}
    events = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *[{"type": "content_block_delta", "index": 0, "delta": words}] * 40,
    ]
    body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    sandbox.script(status=200, body=body, content_type="text/event-stream")
    with pytest.raises(Overspent):
        ask(an_execution(), max_tokens=100)
    request, line = ModelRequest.objects.get(), LedgerEntry.objects.get()
    assert (states(), request.error["code"]) == (["UNKNOWN"], "answer_overspent")
    assert (line.quality, line.input_tokens, line.output_tokens) == ("estimated", 12, 100)
    assert line.amount <= request.max_cost
    assert budget("order", "WO-TEST").reserved == 0
    check_journals(sandbox)
