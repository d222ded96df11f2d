"""Many tasks call models at once, with room in the budget for a few."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction

from agents import calls
from agents.models import ModelRequest
from billing import budgets, reservations
from billing.errors import BudgetExceeded
from nexus import engine
from tests.support.model_calls import an_execution, ask, check_journals, states, taken_again
from tests.support.rivals import Rival, wait_until_blocked
from tests.support.spending import budget
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)
CROWD, ROOM = 20, 6


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def worst_case() -> object:
    """What one of these calls reserves."""
    ask(an_execution())
    return ModelRequest.objects.get().max_cost


def test_exactly_as_many_requests_leave_as_there_was_room_for(monkeypatch, sandbox):
    most = worst_case()
    already = budget("order", "WO-TEST").spent
    budgets.set_limit(kind="order", key="WO-TEST", limit=already + most * ROOM)
    decided = Barrier(CROWD)

    def call(context: engine.Context) -> calls.Answer:
        looks: list[None] = []

        def heed() -> None:
            looks.append(None)
            if len(looks) == 2:  # reserved, and about to send: wait until everybody else was reserved for or refused
                decided.wait(30)

        monkeypatch.setattr(context, "heed", heed)
        try:
            return ask(context)
        except BudgetExceeded:
            decided.wait(30)
            raise

    rivals = [Rival(partial(call, an_execution())) for _ in range(CROWD)]
    for rival in rivals:
        rival.start()
    outcomes = [rival.ended(60) for rival in rivals]

    assert sum(isinstance(outcome, calls.Answer) for outcome in outcomes) == ROOM, outcomes
    assert sum(isinstance(outcome, BudgetExceeded) for outcome in outcomes) == CROWD - ROOM
    assert sandbox.count() == 1 + ROOM
    assert states() == ["SETTLED"] * (1 + ROOM)
    one = budget("order", "WO-TEST")
    assert one.spent <= one.limit
    assert one.reserved == 0
    check_journals(sandbox)


def test_two_executions_of_one_task_never_have_the_same_request_out_twice_for_one_intent(sandbox):
    """Both ask the same question; only the one that holds the task may."""
    late = an_execution()
    now = taken_again(late)
    rivals = [Rival(lambda: ask(late)), Rival(lambda: ask(now))]
    for rival in rivals:
        rival.start()
    refused, answered = (rival.ended() for rival in rivals)
    assert isinstance(refused, engine.LeaseLost)
    assert isinstance(answered, calls.Answer)
    assert sandbox.count() == 1
    check_journals(sandbox)


def test_who_closes_an_intent_that_is_just_leaving_gives_nothing_back():
    """Upkeep has read it as INTENT and waits for its row; then it is SENT, and its reservation is still needed."""
    ask(an_execution())
    settled = ModelRequest.objects.get()
    price, call = settled.price, settled.call
    with transaction.atomic():
        leaving = ModelRequest.objects.create(
            call=call, number=2, fence=1, provider="anthropic", model="m", role="intern", price=price,
            max_cost=Decimal(1), max_input_tokens=1, max_output_tokens=1,
        )  # fmt: skip
        reservations.reserve(request_id=leaving.pk, scopes=(("order", "WO-TEST"),), amount=Decimal(1))
    rival = Rival(lambda: calls.close_abandoned(older_than=timedelta(0)))
    with transaction.atomic():
        ModelRequest.objects.filter(pk=leaving.pk).update(state="SENT", sent_at=leaving.created_at)
        rival.start()
        wait_until_blocked()
    rival.ended()
    assert states() == ["SETTLED", "SENT"]
    assert budget("order", "WO-TEST").reserved == 1
    assert calls.close_abandoned(older_than=timedelta(0)) == 1
    assert budget("order", "WO-TEST").reserved == 0
