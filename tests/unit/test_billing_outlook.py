"""How a budget stands and where it is heading."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import outlook
from billing.conf import thresholds
from billing.outlook import Thresholds

AT = Thresholds()
amounts = st.decimals(min_value=0, max_value=1000, places=9)


def status(total: str | None, used: str, done: Fraction | None = None, reserved: str = "0") -> outlook.Status:
    amount = None if total is None else Decimal(total)
    return outlook.status(total=amount, used=Decimal(used), reserved=Decimal(reserved), done=done, at=AT)


@pytest.mark.parametrize(
    ("used", "done", "label"),
    [
        ("0", None, "HEALTHY"), ("7", None, "HEALTHY"), ("7.000000001", None, "CAUTION"), ("9", None, "CAUTION"),
        ("9.000000001", None, "WARNING"), ("10", None, "WARNING"),
        ("5.5", Fraction(1, 2), "HEALTHY"), ("5.500000001", Fraction(1, 2), "CRITICAL"),
        ("8", Fraction(9, 10), "CAUTION"), ("1", Fraction(1, 100), "CRITICAL"), ("11.1", Fraction(1), "CRITICAL"),
    ],
)  # fmt: skip
def test_one_word_says_how_it_stands(used: str, done: Fraction | None, label: str) -> None:
    assert status("10", used, done).status == label


def test_the_shares_are_those_that_an_operator_has_set(settings) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "WARNING": 0.75}
    money: dict[str, Decimal] = {"total": Decimal(10), "used": Decimal("7.6"), "reserved": Decimal(0)}

    assert outlook.status(**money, done=None, at=thresholds()).status == "WARNING"
    assert outlook.status(**money, done=None, at=AT).status == "CAUTION"


def test_the_payload_says_everything_and_amounts_are_strings() -> None:
    assert status("3", "2", Fraction(1, 2), reserved="0.12").wire() == {
        "total": "3.000000000", "used": "2.000000000", "reserved": "0.120000000", "remaining": "1.000000000",
        "usage_percent": 66.67, "predicted_total": "4.000000000", "predicted_overrun": "1.000000000",
        "status": "CRITICAL",
    }  # fmt: skip


def test_while_nothing_is_done_the_limit_is_predicted() -> None:
    assert [status("3", "1", done).predicted_total for done in (None, Fraction(0))] == [3, 3]
    assert status("3", "4").predicted_total == 4, "what is spent is spent"


def test_without_a_limit_nothing_is_said_of_a_share() -> None:
    shown = status(None, "2", Fraction(1, 4))
    assert (shown.total, shown.remaining, shown.usage_percent, shown.status) == (None, None, None, "HEALTHY")
    assert (shown.predicted_total, shown.predicted_overrun) == (8, 0)


def test_a_limit_of_nothing_is_used_up() -> None:
    assert (status("0", "0").status, status("0", "0").usage_percent) == ("WARNING", 100)


def test_what_was_spent_above_a_limit_shows() -> None:
    assert (status("1", "1.5").remaining, status("1", "1.5").usage_percent) == (Decimal("-0.5"), 150)


@given(total=amounts, used=amounts, done=st.fractions(min_value=0, max_value=1))
def test_a_prediction_is_never_below_what_is_spent(total: Decimal, used: Decimal, done: Fraction) -> None:
    assert outlook.predicted(used=used, total=total, done=done) >= used


@given(total=amounts, used=amounts, done=st.fractions(min_value=0, max_value=1))
def test_the_event_and_the_word_agree(total: Decimal, used: Decimal, done: Fraction) -> None:
    shown = outlook.status(total=total, used=used, reserved=Decimal(0), done=done, at=AT)
    expected = outlook.is_critical(total=total, expected=shown.predicted_total, at=AT)
    assert (shown.status == "CRITICAL") == expected


def test_a_warning_counts_from_the_threshold_on() -> None:
    near = [Decimal("8.999999999"), Decimal(9), Decimal(10)]
    assert [outlook.is_nearly_used(total=Decimal(10), taken=taken, at=AT.warning) for taken in near] == [
        False, True, True,
    ]  # fmt: skip
    assert not outlook.is_nearly_used(total=None, taken=Decimal(10**9), at=AT.warning)


@pytest.mark.parametrize(
    "shares", [{"caution": "0"}, {"caution": "0.95"}, {"warning": "1.1"}, {"overrun": "0.9"}, {"step_down": "0"}]
)
def test_shares_that_say_nothing_are_refused(shares: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="BUDGET_"):
        Thresholds(**{name: Decimal(share) for name, share in shares.items()})
