"""Amounts: nine places, no floats, and sums that are the sum of their parts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import money

amounts = st.decimals(min_value="-1000000", max_value="1000000", places=12, allow_nan=False, allow_infinity=False)


def test_half_a_nano_dollar_is_rounded_away_from_zero():
    assert money.usd("0.0000000005") == Decimal("0.000000001")
    assert money.usd("-0.0000000005") == Decimal("-0.000000001")
    assert money.usd("0.00000000049999") == 0


def test_what_must_not_be_too_small_is_rounded_up():
    assert money.ceil("0.0000000000001") == Decimal("0.000000001")
    assert money.ceil("2") == 2


@pytest.mark.parametrize("wrong", [0.1, True, None, b"1", 1j])
def test_only_exact_numbers_are_money(wrong):
    with pytest.raises(TypeError):
        money.usd(wrong)


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_what_is_not_finite_is_not_money(wrong):
    with pytest.raises(ValueError, match="not an amount"):
        money.usd(wrong)


@given(amounts)
def test_rounding_up_is_never_less_and_less_than_a_nano_dollar_more(amount):
    assert 0 <= money.ceil(amount) - amount < money.PLACES


@given(amounts)
def test_rounding_is_off_by_half_a_nano_dollar_at_most(amount):
    assert abs(money.usd(amount) - amount) <= money.PLACES / 2


@given(st.lists(amounts.map(money.usd)))
def test_a_sum_of_amounts_needs_no_further_rounding(parts):
    assert money.usd(sum(parts, start=money.ZERO)) == sum(parts)


@given(amounts)
def test_what_travels_is_a_plain_decimal_that_reads_back(amount):
    travelling = money.text(amount)
    assert "E" not in travelling
    assert len(travelling.partition(".")[2]) == 9
    assert Decimal(travelling) == money.usd(amount)


@pytest.mark.parametrize(
    ("amount", "said"), [("0", "$0.00"), ("1.5", "$1.50"), ("0.000012", "$0.000012"), ("1200", "$1200.00")]
)
def test_a_sentence_shows_cents_and_no_needless_zeros(amount, said):
    assert money.short(Decimal(amount)) == said
