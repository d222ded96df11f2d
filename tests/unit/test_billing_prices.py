"""Prices: which figure applies, and what it comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import figures, prices
from billing.figures import FIGURES, Figure
from billing.prices import Usage

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MILLION = 1_000_000
counts = st.integers(min_value=0, max_value=10**9)
usages = st.builds(
    Usage, input_tokens=counts, output_tokens=counts, cache_write_5m=counts, cache_write_1h=counts, cache_read=counts,
    heard_ms=counts,
)  # fmt: skip
listed = [figure for figure in FIGURES if (figure.book, figure.provider) == (figures.LIST, "anthropic")]


def figure(model: str, *, input: str = "1", since: datetime = NOW, least: int = 0) -> Figure:
    """A price of which only the name, the date, the tier and one rate matter."""
    others = dict.fromkeys(("output", "cache_write_5m", "cache_write_1h", "cache_read"), Decimal(1))
    about = {"book": "b", "provider": "p", "model": model, "effective_from": since, "min_prompt_tokens": least}
    return Figure(**about, input=Decimal(input), **others)


def rates(model: str, *, prompt_tokens: int = 1000, at: datetime = NOW) -> Figure:
    """What the shipped list says."""
    found = prices.tier(prices.tiers(listed, model=model, at=at), prompt_tokens=prompt_tokens)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("model", "prompt", "input", "output"),
    [
        ("claude-opus-5-5", 1, "4", "20"),
        ("claude-opus-5-5", 900_000, "4", "20"),
        ("claude-sonnet-5-5", 1, "2", "10"),
        ("claude-haiku-5-5", 100_000, "0.10", "0.50"),
        ("claude-haiku-5-5", 100_001, "0.50", "2.50"),
        ("claude-opus-5", 1, "5", "25"),
        ("claude-opus-4-8", 1, "5", "25"),
    ],
)
def test_the_shipped_list_says_what_the_provider_charges(model, prompt, input, output):
    found = rates(model, prompt_tokens=prompt)
    assert (found.input, found.output) == (Decimal(input), Decimal(output))


def test_cache_rates_are_not_one_multiplier_for_all():
    assert rates("claude-opus-5-5").cache_read == Decimal("0.20")
    assert rates("claude-haiku-5-5").cache_read == Decimal("0.01")
    assert rates("claude-opus-5-5").cache_write_5m == 5
    assert rates("claude-opus-5-5").cache_write_1h == 8


def test_a_price_changes_on_its_date():
    cut = datetime(2026, 10, 7, tzinfo=UTC)
    assert rates("claude-sonnet-5-5", at=cut - timedelta(seconds=1)).cache_read == Decimal("0.20")
    assert rates("claude-sonnet-5-5", at=cut).cache_read == Decimal("0.10")


@pytest.mark.parametrize("model", ["claude-opus-6", "claude-opus-4-1", "gpt-5", "", "claude"])
def test_a_model_that_is_not_listed_has_no_price(model):
    assert prices.tiers(listed, model=model, at=NOW) == []


def test_a_price_of_tomorrow_does_not_hold_today():
    assert prices.tiers([figure("m", since=NOW + timedelta(days=1))], model="m", at=NOW) == []


def test_the_most_specific_name_wins_over_the_latest_date():
    old = figure("m-1", input="3", since=NOW - timedelta(9))
    book = [figure("m-*", input="9", since=NOW), figure("m-1*", input="5"), old]
    assert [price.input for price in prices.tiers(book, model="m-1", at=NOW)] == [3]
    assert [price.input for price in prices.tiers(book, model="m-12", at=NOW)] == [5]
    assert [price.input for price in prices.tiers(book, model="m-2", at=NOW)] == [9]


def test_a_new_set_of_tiers_replaces_the_old_one_as_a_whole():
    old = [figure("m", since=NOW - timedelta(1)), figure("m", since=NOW - timedelta(1), least=100)]
    new = [figure("m", input="7")]
    found = prices.tiers([*old, *new], model="m", at=NOW)
    assert prices.tier(found, prompt_tokens=500) == new[0]


def test_a_prompt_below_every_tier_has_no_price():
    assert prices.tier([figure("m", least=10)], prompt_tokens=9) is None


def test_each_kind_of_token_has_its_own_rate():
    usage = Usage(
        input_tokens=MILLION, output_tokens=MILLION, cache_write_5m=MILLION, cache_write_1h=MILLION, cache_read=MILLION
    )
    assert prices.cost(rates("claude-opus-5-5"), usage) == Decimal(4) + 20 + 5 + 8 + Decimal("0.2")


def test_the_cheapest_token_is_not_lost_in_rounding():
    one = Usage(input_tokens=0, output_tokens=0, cache_read=1)
    assert prices.cost(rates("claude-haiku-5-5"), one) == Decimal("0.000000010")


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="never negative"):
        prices.cost(rates("claude-opus-5-5"), Usage(input_tokens=-1, output_tokens=0))


@given(usages, st.sampled_from(listed))
def test_the_worst_case_is_never_less_than_the_cost(usage, price):
    assert prices.worst_case(price, usage) >= prices.cost(price, usage) >= 0


@given(usages, usages, st.sampled_from(listed))
def test_two_requests_cost_what_they_cost_apart(one, other, price):
    both = Usage(**{name: getattr(one, name) + getattr(other, name) for name in vars(one)})
    apart = prices.cost(price, one) + prices.cost(price, other)
    assert abs(prices.cost(price, both) - apart) <= Decimal("0.000000001")


@given(usages, st.sampled_from(listed))
def test_prompt_tokens_are_all_of_the_input(usage, price):
    assert usage.prompt_tokens == sum(vars(usage).values()) - usage.output_tokens - usage.heard_ms
    assert prices.cost(price, usage) >= 0


@pytest.mark.parametrize(("heard_ms", "costs"), [(0, "0"), (3000, "0.0003"), (90_500, "0.00905"), (1, "0.0000001")])
def test_what_is_heard_is_paid_by_the_minute(heard_ms: int, costs: str):
    whisper = next(one for one in FIGURES if one.model == "whisper-1")
    usage = Usage(input_tokens=0, output_tokens=0, heard_ms=heard_ms)
    assert prices.cost(whisper, usage) == prices.worst_case(whisper, usage) == Decimal(costs)


def test_nothing_is_heard_less_than_not_at_all():
    with pytest.raises(ValueError, match="never negative"):
        prices.cost(figure("any"), Usage(input_tokens=0, output_tokens=0, heard_ms=-1))
