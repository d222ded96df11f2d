"""A model call that goes well: what is reserved, sent, booked, stored, replayed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import override_settings

from agents import calls, roles
from agents.errors import MissingKey, UnknownRole
from agents.models import ModelCall, Role
from billing import budgets, reports
from billing.errors import BudgetExceeded, UnknownPrice
from billing.models import Budget, Hold, Price
from nexus.errors import LeaseLost, Stopped
from tests.support.model_calls import (
    SCHEMA,
    an_execution,
    ask,
    check_journals,
    lines,
    requests,
    states,
    taken_again,
)
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def test_an_answer_is_bought_booked_and_stored(sandbox):
    context = an_execution()
    answer = ask(context)
    (line,) = lines()
    (request,) = requests()
    assert answer.text
    assert (answer.role, answer.model, answer.sandbox, answer.replayed) == ("intern", "claude-haiku-5-5", True, False)
    assert (answer.input_tokens, answer.output_tokens) == (line.input_tokens, line.output_tokens)
    assert 0 < answer.cost_usd == line.amount <= request.max_cost
    assert (line.quality, line.order, line.project, line.task_key) == ("reported", "WO-TEST", "acme", "one")
    assert (request.state, request.http_status, request.sandbox) == ("SETTLED", 200, True)
    assert request.provider_request_id
    assert reports.of_order("WO-TEST").cost_usd == answer.cost_usd
    check_journals(sandbox)


def test_the_provider_is_told_which_request_it_is_and_nothing_it_does_not_take(sandbox):
    ask(an_execution())
    (entry,) = sandbox.journal()
    assert entry["request_id"] == str(requests()[0].pk)
    assert (entry["model"], entry["streamed"], entry["status"]) == ("claude-haiku-5-5", True, 200)


def test_the_same_question_is_replayed_and_another_is_bought(sandbox):
    context = an_execution()
    first, again, other = ask(context), ask(context), ask(context, step=2)
    assert (again.text, again.cost_usd, again.replayed) == (first.text, first.cost_usd, True)
    assert other.replayed is False
    assert sandbox.count() == len(lines()) == 2


def test_the_next_execution_replays_what_the_one_before_bought(sandbox):
    context = an_execution()
    first = ask(context)
    again = ask(taken_again(context))
    assert (again.text, again.replayed) == (first.text, True)
    assert sandbox.count() == 1
    assert reports.of_order("WO-TEST").lines == 1


def test_a_stored_answer_needs_neither_key_nor_budget_nor_price(sandbox):
    context = an_execution()
    first = ask(context)
    budgets.set_limit(kind="order", key="WO-TEST", limit=Decimal(0))
    Price.objects.update(provider="nobody")
    Role.objects.update(model="another")
    with override_settings(NEXUS_SANDBOX_URL=""):
        assert ask(context).text == first.text
    assert sandbox.count() == 1


def test_data_comes_parsed_and_fits_its_schema():
    answer = ask(an_execution(), schema=SCHEMA)
    assert isinstance(answer.data, dict)
    assert set(answer.data) == {"verdict", "score"}


def test_words_are_heard_while_they_are_written(monkeypatch):
    context = an_execution()
    heard: list[str] = []
    monkeypatch.setattr(context, "delta", heard.append)
    answer = ask(context)
    assert len(heard) > 1
    assert "".join(heard) == answer.text


def test_a_listener_that_fails_does_not_cost_the_answer(monkeypatch, sandbox):
    context = an_execution()

    def deaf(_: str) -> None:
        raise ConnectionError("nobody is there")

    monkeypatch.setattr(context, "delta", deaf)
    assert ask(context).text
    check_journals(sandbox)


def test_without_a_key_nothing_is_reserved_and_the_variable_is_named():
    with override_settings(NEXUS_SANDBOX_URL="", ANTHROPIC_API_KEY=""), pytest.raises(MissingKey) as missing:
        ask(an_execution())
    assert "ANTHROPIC_API_KEY" in str(missing.value)
    assert (missing.value.disposition, missing.value.retry_after) == ("give_back", 30.0)
    assert (requests(), Hold.objects.count()) == ([], 0)


def test_a_model_without_a_price_is_not_called(sandbox):
    Role.objects.filter(name="intern").update(model="claude-unheard-of")
    with pytest.raises(UnknownPrice):
        ask(an_execution())
    assert (sandbox.count(), requests()) == (0, [])


def test_a_budget_that_cannot_cover_the_worst_case_stops_the_call_before_it_leaves(sandbox):
    context = an_execution()
    budgets.set_limit(kind="order", key="WO-TEST", limit=Decimal("0.0001"))
    with pytest.raises(BudgetExceeded) as refused:
        ask(context)
    assert refused.value.disposition == "park"
    assert (sandbox.count(), requests(), ModelCall.objects.count()) == (0, [], 0)
    assert not Budget.objects.exclude(reserved=0).exists()
    budgets.set_limit(kind="order", key="WO-TEST", limit=Decimal(1))
    assert ask(context).text
    check_journals(sandbox)


def test_every_scope_is_reserved_while_the_call_is_out_and_free_afterwards(monkeypatch):
    context = an_execution()
    for kind, key in (("role", "intern"), ("day", budgets.today())):
        budgets.set_limit(kind=kind, key=key, limit=Decimal(5))
    during: set[tuple[str, bool]] = set()
    monkeypatch.setattr(
        context,
        "delta",
        lambda _: during.update((one.kind, one.reserved == requests()[0].max_cost) for one in Budget.objects.all()),
    )
    answer = ask(context)
    assert during == {(kind, True) for kind in budgets.KINDS}
    assert set(Budget.objects.values_list("reserved", "spent")) == {(0, answer.cost_usd)}


def test_a_worker_that_lost_its_task_sends_nothing(sandbox):
    late = an_execution()
    taken_again(late)
    with pytest.raises(LeaseLost):
        ask(late)
    assert (sandbox.count(), requests()) == (0, [])


def test_a_task_that_is_lost_between_intent_and_sending_sends_nothing(monkeypatch, sandbox):
    """The last moment: everything is reserved, and then the task is taken away."""
    late = an_execution()
    checks: list[object] = []

    def check() -> None:
        checks.append(taken_again(late) if requests() else None)

    monkeypatch.setattr(late, "heed", check)
    with pytest.raises(LeaseLost):
        ask(late)
    assert len(checks) == 2
    assert (sandbox.count(), states(), lines()) == (0, ["UNBILLED"], [])
    check_journals(sandbox)


def test_an_intent_that_upkeep_closes_in_the_last_moment_does_not_leave(monkeypatch, sandbox):
    """Its worker was so slow that it was taken for dead, although the task is still its own."""
    slow = an_execution()
    closed: list[int] = []
    monkeypatch.setattr(slow, "heed", lambda: closed.append(calls.close_abandoned(older_than=timedelta(0))))
    with pytest.raises(LeaseLost):
        ask(slow)
    assert closed == [0, 1]
    assert (sandbox.count(), states(), lines()) == (0, ["UNBILLED"], [])
    check_journals(sandbox)


def test_who_has_lost_the_task_is_not_given_a_stored_answer_either(sandbox):
    context = an_execution()
    ask(context)
    taken_again(context)
    with pytest.raises(LeaseLost):
        ask(context)
    assert sandbox.count() == 1


def test_a_run_that_is_paused_in_the_last_moment_sends_nothing_and_holds_nothing(monkeypatch, sandbox):
    context = an_execution()

    def check() -> None:
        if requests():
            raise Stopped("The run is paused")

    monkeypatch.setattr(context, "heed", check)
    with pytest.raises(Stopped):
        ask(context)
    assert (sandbox.count(), states()) == (0, ["UNBILLED"])
    check_journals(sandbox)


def test_a_limit_of_tokens_is_passed_on_and_never_above_the_roles(sandbox):
    context = an_execution()
    assert ask(context, max_tokens=5).stop_reason == "max_tokens"
    assert ask(context, step=2, max_tokens=10**9).stop_reason == "end_turn"
    assert [request.max_output_tokens for request in requests()] == [5, 8000]


def test_surfaces_see_who_did_what(sandbox):
    context = an_execution()
    first, second = ask(context), ask(context, step=2, role="admin")
    (summary,) = calls.of_tasks([context.task_id, 10**9]).values()
    assert (summary.role, summary.model, summary.requests) == ("admin", "claude-haiku-5-5", 2)
    assert summary.cost_usd == first.cost_usd + second.cost_usd
    assert summary.output_tokens == first.output_tokens + second.output_tokens
    assert calls.sandboxed(context.run_id) is True
    assert calls.sandboxed(10**9) is False


def test_roles_are_installed_once_and_stay_as_an_operator_left_them():
    Role.objects.filter(name="ceo").update(model="claude-opus-5")
    Role.objects.filter(name="admin").delete()
    assert roles.install() == 1
    assert roles.install() == 0
    assert roles.get("ceo").model == "claude-opus-5"
    with pytest.raises(UnknownRole):
        roles.get("king")
