"""The ledger: one charge per request, corrected by lines, changed by nobody."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from billing import ledger, pricebook, reports, reservations
from billing.models import LedgerEntry
from billing.prices import Usage
from tests.support.spending import SOME, adjusted, budget, charged, check_books, released, reserved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def priced() -> None:
    pricebook.install()


def test_a_request_is_charged_once_however_often_it_is_booked():
    request = reserved("0.50")
    assert charged(request, "0.20") is True
    assert charged(request, "0.20") is False
    assert charged(request, "9.99", quality="estimated") is False
    assert LedgerEntry.objects.get().amount == Decimal("0.20")
    assert (budget().spent, budget().reserved) == (Decimal("0.20"), 0)


def test_a_charge_of_nothing_is_a_line_too():
    request = reserved("0.50")
    assert charged(request, "0", usage=Usage(input_tokens=0, output_tokens=0))
    assert reports.of_order("WO-1") == reports.Totals(lines=1)
    assert (budget().spent, budget().reserved) == (0, 0)


def test_what_was_released_can_still_be_charged_and_is_counted():
    request = reserved("0.50")
    released(request)
    assert charged(request, "0.20")
    assert (budget().spent, budget().reserved) == (Decimal("0.20"), 0)
    check_books()


def test_releasing_twice_is_releasing_once():
    one, other = reserved("0.50"), reserved("0.30")
    released(one)
    released(one)
    assert budget().reserved == Decimal("0.30")
    released(other)
    assert budget().reserved == 0


def test_an_adjustment_is_a_line_with_the_difference():
    request = reserved("0.50")
    charged(request, "0.50", quality="estimated", usage=Usage(input_tokens=900, output_tokens=500))
    assert adjusted(request, "0.20", Usage(input_tokens=1000, output_tokens=100)) is True
    assert adjusted(request, "0.20", Usage(input_tokens=1000, output_tokens=100)) is False
    lines = list(LedgerEntry.objects.values_list("kind", "n", "amount", "input_tokens", "output_tokens"))
    assert lines == [("CHARGE", 0, Decimal("0.50"), 900, 500), ("ADJUST", 1, Decimal("-0.30"), 100, -400)]
    totals = reports.of_order("WO-1")
    assert (totals.cost_usd, totals.input_tokens, totals.output_tokens) == (Decimal("0.20"), 1000, 100)
    check_books()


def test_totals_are_the_sums_of_their_lines_by_order_and_by_task():
    for key, amount in (("plan", "0.20"), ("plan", "0.01"), ("write", "0.000000001")):
        charged(reserved("0.50"), amount, task_key=key)
    charged(reserved("0.50", scopes=(("order", "WO-2"),)), "7", order="WO-2")
    by_task = reports.by_task("WO-1")
    assert {key: total.cost_usd for key, total in by_task.items()} == {
        "plan": Decimal("0.21"),
        "write": Decimal("0.000000001"),
    }
    assert reports.of_order("WO-1").cost_usd == sum(line.amount for line in reports.lines("WO-1"))
    assert reports.of_order("WO-1").lines == len(reports.lines("WO-1")) == 3
    assert reports.of_orders(["WO-1", "WO-2", "WO-3"]).keys() == {"WO-1", "WO-2"}
    assert reports.of_order("WO-3") == reports.NOTHING
    assert reports.lines("WO-1")[-1].wire()["amount_usd"] == "0.000000001"


def test_cached_input_is_input_in_every_total():
    charged(reserved("1"), "0.1", usage=_all_kinds())
    assert reports.of_order("WO-1").input_tokens == 1 + 3 + 4 + 5
    assert reports.lines("WO-1")[0].input_tokens == 1 + 3 + 4 + 5


def _all_kinds() -> Usage:
    return Usage(input_tokens=1, output_tokens=2, cache_write_5m=3, cache_write_1h=4, cache_read=5)


@pytest.mark.parametrize("change", [{"amount": Decimal(0)}, {"quality": "reported"}, {}])
def test_the_database_refuses_to_change_a_line(change):
    charged(reserved("0.50"), "0.20", quality="estimated")
    lines = LedgerEntry.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        lines.update(**change) if change else lines._raw_delete(lines.db)
    assert LedgerEntry.objects.get().amount == Decimal("0.20")


@pytest.mark.parametrize("wrong", [{"amount": Decimal(-1)}, {"n": 1}, {"quality": "guessed"}, {"kind": "ADJUST"}])
def test_the_database_refuses_a_line_that_cannot_be(wrong):
    charged(reserved("0.50"), "0.20")
    line = LedgerEntry.objects.get()
    line.pk, line.request_id = None, uuid4()
    for name, value in wrong.items():
        setattr(line, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_money_is_written_in_the_callers_transaction_or_not_at_all():
    request, facts = uuid4(), {"quality": "reported", "usage": SOME}
    with pytest.raises(RuntimeError, match="caller's transaction"):
        reservations.reserve(request_id=request, scopes=(), amount=Decimal(1))
    with pytest.raises(RuntimeError, match="caller's transaction"):
        reservations.release(request_id=request)
    with pytest.raises(RuntimeError, match="caller's transaction"):
        ledger.adjust(request_id=request, amount=Decimal(1), **facts)
