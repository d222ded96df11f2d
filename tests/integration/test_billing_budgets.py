"""Budgets: what is refused, what is counted, and that the books agree whatever is done in which order."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import budgets, pricebook, reservations
from billing.errors import BudgetExceeded
from billing.models import Budget, Hold
from tests.support.spending import SCOPES, adjusted, budget, charged, check_books, released, reserved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def priced() -> None:
    pricebook.install()


def limit(kind: str, amount: str | None, key: str | None = None) -> None:
    """Set the limit of one of the scopes every request here has."""
    budgets.set_limit(kind=kind, key=key or dict(SCOPES)[kind], limit=None if amount is None else Decimal(amount))


def test_without_a_limit_nothing_is_refused_and_everything_is_counted():
    charged(reserved("1000000"), "999999")
    assert {(one.kind, one.limit, one.spent) for one in Budget.objects.all()} == {
        ("project", None, Decimal(999_999)),
        ("order", None, Decimal(999_999)),
    }


def test_the_last_nano_dollar_fits_and_the_next_one_does_not():
    limit("order", "1")
    reserved("0.999999999")
    with pytest.raises(BudgetExceeded):
        reserved("0.000000002")
    reserved("0.000000001")
    assert budget().reserved == 1


def test_a_refusal_says_what_was_needed_and_leaves_nothing_reserved():
    limit("order", "0.5")
    charged(reserved("0.3"), "0.2")
    reserved("0.1")
    with pytest.raises(BudgetExceeded) as refused:
        reserved("0.21")
    assert refused.value.disposition == "park"
    assert refused.value.facts == {
        "scope": "order", "key": "WO-1", "limit": "0.500000000", "spent": "0.200000000", "reserved": "0.100000000",
        "needed": "0.210000000",
    }  # fmt: skip
    assert str(refused.value) == (
        "The order budget of $0.50 cannot cover this call: $0.20 spent, $0.10 reserved, up to $0.21 needed."
    )
    assert budget("project", "acme").reserved == Decimal("0.1")
    assert Hold.objects.filter(open=True).count() == 2
    check_books()


@pytest.mark.parametrize("kind", budgets.KINDS)
def test_every_scope_can_refuse(kind):
    limit(kind, "0.1")
    with pytest.raises(BudgetExceeded) as refused:
        reserved("0.2")
    assert refused.value.facts["scope"] == kind
    assert set(Budget.objects.values_list("reserved", flat=True)) == {0}


def test_a_limit_of_nothing_is_a_limit():
    limit("order", "0")
    with pytest.raises(BudgetExceeded):
        reserved("0.000000001")
    reserved("0")


def test_a_budget_can_be_raised_lifted_and_set_below_what_is_reserved():
    limit("order", "1")
    held = reserved("0.8")
    limit("order", "0.5")
    with pytest.raises(BudgetExceeded):
        reserved("0.000000001")
    assert charged(held, "0.7"), "a call that has left is paid"
    limit("order", "2")
    reserved("1.3")
    limit("order", None)
    reserved("100")
    check_books()


def test_a_limit_that_comes_late_knows_what_was_spent_before():
    charged(reserved("1"), "0.75")
    limit("role", "1")
    limit("day", "1", key=budgets.today())
    assert budget("role", "ceo").spent == Decimal("0.75")
    assert budget("day", budgets.today()).spent == Decimal("0.75")
    with pytest.raises(BudgetExceeded):
        reserved("0.26")


def test_a_request_cannot_reserve_twice():
    request = reserved("0.1")
    with pytest.raises(Exception, match="a_request_holds_a_budget_once"), transaction.atomic():
        reservations.reserve(request_id=request, scopes=SCOPES, amount=Decimal("0.1"))
    assert budget().reserved == Decimal("0.1")


@pytest.mark.parametrize(("kind", "amount"), [("planet", "1"), ("order", "-1"), ("order", "NaN")])
def test_a_limit_that_makes_no_sense_is_refused(kind, amount):
    with pytest.raises(ValueError, match=r"budget is of|negative|not an amount"):
        budgets.set_limit(kind=kind, key="x", limit=Decimal(amount))
    assert not Budget.objects.exists()


def test_a_negative_reservation_is_refused():
    with pytest.raises(ValueError, match="negative"):
        reserved("-1")


def test_the_database_itself_keeps_reserved_from_going_below_nothing():
    reserved("0.1")
    with pytest.raises(Exception, match="reserved_is_never_negative"), transaction.atomic():
        Budget.objects.update(reserved=Decimal(-1))


acts = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "charge", "release", "adjust", "limit"]),
        st.integers(min_value=0, max_value=4),
        st.decimals(min_value=0, max_value=2, places=9),
    ),
    max_size=14,
)


@given(acts)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_in_which_order_the_books_agree(acts):
    with transaction.atomic():
        requests: list[UUID] = []
        for what, which, amount in acts:
            _do(what, requests, which, str(amount))
            check_books()
            assert all(one.reserved >= 0 and one.spent >= 0 for one in Budget.objects.all())
        # The ledger refuses to forget, so an example ends as if it had never been.
        transaction.set_rollback(True)


def _do(what: str, requests: list[UUID], which: int, amount: str) -> None:
    chosen = requests[which % len(requests)] if requests else uuid4()
    match what:
        case "reserve":
            before = sorted(Budget.objects.values_list("kind", "reserved"))
            try:
                requests.append(reserved(amount))
            except BudgetExceeded:
                known = {kind for kind, _ in before}
                after = sorted(Budget.objects.filter(kind__in=known).values_list("kind", "reserved"))
                assert after == before
        case "limit":
            limit("order", amount)
        case "charge" if requests:
            charged(chosen, amount)
        case "release" if requests:
            released(chosen)
        case "adjust" if requests and charged(chosen, amount) is False:
            adjusted(chosen, amount)
