"""What an order will cost is said before the work: from orders like it, or from the list price until there are ten."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import ModelCall, ModelRequest
from billing import pricebook
from billing.models import Budget, LedgerEntry
from nexus import engine
from nexus.errors import NexusError
from tests.support.people import a_cast
from tests.support.stories import an_order, carried_out, models_answered, run_of, status_of
from workorders import quoting
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
ALIKE = {"intent": "documentation", "difficulty": "normal", "owner_role": "director"}
QUOTES = "/api/v2/quotes"


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def done_before(*costs: str, sections: int | None = None, sandbox: bool = True, **other: str) -> None:
    """Completed orders that have cost so much."""
    price = pricebook.price_of("anthropic", "claude-haiku-5-5", timezone.now(), 1)
    for cost in costs:
        order = an_order()
        quote = None if sections is None else {"sections": sections}
        WorkOrder.objects.filter(pk=order.pk).update(**(ALIKE | other), quote=quote)
        engine.runs.filter(pk=order.run_id).update(state="completed", finished_at=timezone.now())
        facts = {"run_id": order.run_id, "task_id": 1, "task_key": "plan", "role": "director"}
        call = ModelCall.objects.create(
            step=1, input_hash="h", project="1", order=order.public_id, **{**facts, "task_id": order.pk}
        )
        request = ModelRequest.objects.create(
            id=uuid4(), call=call, number=1, fence=1, provider="anthropic", model="m", role="director", sandbox=sandbox,
            price=price, max_cost=1, max_input_tokens=1, max_output_tokens=1,
        )  # fmt: skip
        LedgerEntry.objects.create(
            request_id=request.pk, kind="CHARGE", amount=Decimal(cost), quality="reported", price=price,
            provider="anthropic", model="m", project="1", order=order.public_id, input_tokens=1, output_tokens=1,
            day=timezone.localdate(), **facts,
        )  # fmt: skip
        ModelRequest.objects.filter(pk=request.pk).delete() if not sandbox else None


def quoted(**given) -> quoting.Quote:
    return quoting.quote(**{"intent": "documentation", "difficulty": "normal", "sections": None, **given})


def test_until_there_are_ten_the_list_price_speaks():
    done_before(*["9"] * 9)
    found = quoted()
    assert (found.basis, found.samples, found.owner_role) == ("list_price", 0, "director")
    assert 0 < found.p50 < found.p90 < 1


def test_from_ten_on_it_is_what_they_have_cost():
    done_before(*[str(cost) for cost in range(1, 11)])
    found = quoted()
    assert (found.basis, found.samples, found.p50, found.p90) == ("history", 10, 5, 9)


def test_the_narrowest_group_that_has_enough_counts():
    done_before(*["1"] * 10, sections=3)
    done_before(*["2"] * 10, sections=5)
    done_before(*["7"] * 30, intent="debug")
    assert [quoted(sections=count).p50 for count in (3, 5)] == [1, 2]
    assert quoted(sections=4).samples == 20, "nobody had four: all of this intent"
    assert quoted(intent="ops").samples == 50, "nobody had this intent: all that are as hard"
    assert quoted(difficulty="complex").basis == "list_price"


def test_only_orders_that_were_completed_count_and_the_newest_of_them(monkeypatch):
    done_before(*["1"] * 10)
    engine.runs.filter(order__isnull=False).update(state="cancelled")
    assert quoted().basis == "list_price"
    done_before(*["9"] * 12)
    monkeypatch.setattr(quoting, "LATEST", 10)
    assert quoted().samples == 10


def test_what_a_provider_answered_says_nothing_of_the_sandbox():
    done_before(*["1"] * 12, sandbox=False)
    assert quoted().basis == "list_price"


def test_an_order_keeps_its_quote_and_tells_it():
    order = carried_out(an_order())
    assert status_of(order) == "completed"
    (said,) = engine.events.of(order.run_id).filter(kind="order.quoted")
    assert said.data == order.quote
    assert (said.task.key, order.quote["basis"]) == ("plan", "list_price")
    assert order.quote["sections"] >= 2
    assert order.budget_usd is None


def test_an_order_may_be_capped_at_its_quote():
    order = carried_out(an_order(cap_at_quote=True))
    p90 = Decimal(order.quote["p90_usd"])
    assert order.budget_usd == p90 == Budget.objects.get(kind="order", key=order.public_id).limit
    assert engine.events.of(order.run_id).get(kind="order.budget_set").data["reason"] == "Capped at its quote"
    assert Budget.objects.get(kind="order", key=order.public_id).spent <= p90


@pytest.mark.parametrize(("budget", "kept"), [("0.0001", False), ("900", True)])
def test_the_lower_of_budget_and_quote_is_the_cap(budget, kept):
    order = an_order(cap_at_quote=True, budget_usd=Decimal(budget) + 1)
    WorkOrder.objects.filter(pk=order.pk).update(budget_usd=Decimal(budget))
    done = carried_out(order)
    assert (done.budget_usd == Decimal(done.quote["p90_usd"])) is kept


def test_a_price_that_is_not_known_costs_no_order(monkeypatch):
    monkeypatch.setattr(quoting, "quote", lambda **_given: (_ for _ in ()).throw(NexusError("no price")))
    order = carried_out(an_order())
    assert (order.quote, run_of(order).state) == (None, "completed")


def test_it_is_asked_over_http_and_nothing_is_kept(sandbox):
    cast = a_cast()
    answer = cast.alice.post(QUOTES, {"message": "Write the documentation of a Django service with Celery workers"})
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["intent"], shown["difficulty"], shown["owner_role"], shown["basis"]) == (
        "documentation", "normal", "director", "list_price",
    )  # fmt: skip
    assert Decimal(shown["p50_usd"]) < Decimal(shown["p90_usd"])
    assert not WorkOrder.objects.exists()
    assert sandbox.count() == 0
    assert cast.alice.post(QUOTES, {"message": ""}).status_code == 400
    filed = cast.alice.files("Draft a release checklist", cap_at_quote=True)
    assert WorkOrder.objects.get(public_id=filed).cap_at_quote
    assert cast.alice.get(f"/api/v2/work-orders/{filed}").json()["quote"] is None
    refused = cast.alice.post("/api/v2/work-orders", {"message": "x", "cap_at_quote": "yes"})
    assert refused.json()["errors"][0]["pointer"] == "#/cap_at_quote"


def test_a_quote_takes_the_same_few_questions_however_many_orders_there_are():
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            quoted(sections=3)
        return len(asked)

    done_before("1")
    few = questions()
    done_before(*["1"] * 4)
    assert questions() == few <= 20
