"""What was spent in a time, and on what."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from billing import budgets, costs, periods, pricebook
from billing.models import LedgerEntry
from billing.prices import Usage
from tests.support.spending import adjusted, charged, reserved

pytestmark = pytest.mark.django_db
ZURICH = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def priced() -> None:
    pricebook.install()


def spent(amount: str, *, day: str = "2026-11-22", **given) -> None:
    """A line of that day."""
    facts = {"role": "ceo", "project": "acme", "order": "WO-1", "input_tokens": 1000, "output_tokens": 100} | given
    price = pricebook.price_of("anthropic", "claude-opus-5-5", NOW, 1)
    LedgerEntry.objects.create(
        request_id=uuid4(), kind="CHARGE", amount=Decimal(amount), quality="reported", price=price,
        provider="anthropic", model="claude-opus-5-5", run_id=1, task_id=7, task_key="plan", day=day, **facts,
    )  # fmt: skip


def of(name: str = "all", by: str = "role", **given) -> costs.Summary:
    return costs.summary(period=periods.named(name, now=NOW, zone=ZURICH), by=by, **given)


def shown(found: costs.Summary) -> dict[str, str]:
    return {row.key: f"{row.cost.normalize():f}" for row in found.rows}


def test_a_period_has_its_days_and_no_others():
    for day, amount in (("2026-11-23", "16"), ("2026-11-22", "1"), ("2026-11-21", "2"), ("2026-11-16", "4"),
                        ("2026-11-15", "8"), ("2026-10-24", "32"), ("2026-10-23", "64")):  # fmt: skip
        spent(amount, day=day)
    totals = {name: of(name).total.cost for name in periods.NAMES}
    assert totals == {"today": 1, "week": 7, "month": 47, "all": 127}


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("role", {"ceo": "3", "intern": "0.5"}), ("model", {"claude-opus-5-5": "3.5"}),
        ("project", {"acme": "2.5", "umbra": "1"}), ("order", {"WO-1": "2.5", "WO-2": "1"}),
        ("day", {"2026-11-21": "2", "2026-11-22": "1.5"}),
    ],
)  # fmt: skip
def test_costs_are_told_by_each_thing(by, rows):
    spent("2", day="2026-11-21")
    spent("1", project="umbra", order="WO-2")
    spent("0.5", role="intern")
    found = of(by=by)
    assert shown(found) == rows
    assert list(shown(found)) == list(rows), "the dearest first, days in order"
    assert found.total.cost == sum(row.cost for row in found.rows) == Decimal("3.5")
    assert (found.total.requests, found.total.input_tokens, found.total.output_tokens) == (3, 3000, 300)


def test_only_the_named_projects_are_counted():
    spent("1")
    spent("2", project="umbra")
    assert of(projects=["umbra"]).total.cost == 2
    assert of(projects=[]).total.cost == 0


def test_an_estimate_counts_as_one_until_the_provider_puts_it_right():
    first, second = reserved("1"), reserved("1")
    charged(first, "0.5", quality="estimated")
    charged(second, "0.25", quality="estimated")
    assert of().total.estimated == Decimal("0.75")
    adjusted(first, "0.4", Usage(input_tokens=10, output_tokens=1))
    found = of()
    assert (found.total.cost, found.total.estimated, found.total.requests) == (Decimal("0.65"), Decimal("0.25"), 2)
    assert found.total.input_tokens == 1010


def test_long_lists_are_cut_and_the_total_counts_all_of_them():
    for number in range(4):
        spent("1", order=f"WO-{number}")
    found = of(by="order", most=3)
    assert (len(found.rows), found.is_cut, found.total.cost) == (3, True, 4)
    assert not of(by="order", most=4).is_cut


def test_it_takes_two_questions_however_many_lines_there_are():
    for _ in range(3):
        spent("1")
    with CaptureQueriesContext(connection) as asked:
        of(by="order")
    assert len(asked) == 2


def test_a_line_is_of_the_day_that_it_is_in_the_installations_zone():
    """Two zones a day apart: what is booked now is of the first's today in the one, of the second's in the other."""
    days = []
    for zone in ("Pacific/Kiritimati", "Pacific/Honolulu"):
        with override_settings(TIME_ZONE=zone):
            request = reserved("1", scopes=(("order", "WO-1"),))
            charged(request, "1")
            days.append(LedgerEntry.objects.get(request_id=request).day)
            assert LedgerEntry.objects.get(request_id=request).day.isoformat() == budgets.today()
    assert (days[0] - days[1]).days == 1
