"""The price book: installed once, looked up by what is most specific, loud where it does not know."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing import pricebook
from billing.errors import UnknownPrice
from billing.figures import FIGURES, SEED
from billing.models import Price

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_installing_twice_adds_nothing_and_changes_nothing():
    assert pricebook.install() == len(FIGURES)
    Price.objects.filter(model="claude-opus-5").update(input=Decimal("4.5"))
    assert pricebook.install() == 0
    assert pricebook.price_of("anthropic", "claude-opus-5", NOW, 1).input == Decimal("4.5")


def test_the_tier_is_that_of_the_prompt():
    pricebook.install()
    assert pricebook.price_of("anthropic", "claude-haiku-5-5", NOW, 100_000).output == Decimal("0.5")
    assert pricebook.price_of("anthropic", "claude-haiku-5-5", NOW, 100_001).output == Decimal("2.5")


@pytest.mark.parametrize(("provider", "model"), [("anthropic", "claude-opus-9"), ("openai", "claude-opus-5-5")])
def test_an_unknown_price_is_an_error_that_names_what_is_missing(provider, model):
    pricebook.install()
    with pytest.raises(UnknownPrice) as refused:
        pricebook.price_of(provider, model, NOW, 1)
    assert refused.value.disposition == "refuse"
    assert refused.value.facts["model"] == model
    with pytest.raises(UnknownPrice):
        pricebook.worst_case(provider, model, NOW, prompt_tokens=1, output_tokens=1)


def test_the_worst_case_looks_at_every_tier_the_prompt_may_fall_in():
    pricebook.install()
    price, worst = pricebook.worst_case("anthropic", "claude-haiku-5-5", NOW, prompt_tokens=100_001, output_tokens=0)
    assert (price.min_prompt_tokens, worst) == (100_001, Decimal("0.050000500"))
    Price.objects.filter(model="claude-haiku-5-5*", min_prompt_tokens=0).update(input=Decimal(9))
    price, worst = pricebook.worst_case("anthropic", "claude-haiku-5-5", NOW, prompt_tokens=100_001, output_tokens=0)
    assert (price.min_prompt_tokens, worst) == (0, Decimal("0.900009"))


def test_the_seed_book_keeps_the_first_prices_of_the_roles():
    pricebook.install()
    assert pricebook.price_of("anthropic", "claude-haiku-5-5", NOW, 1, book=SEED).output == 4
    assert pricebook.price_of("local", "anything", NOW, 1, book=SEED).input == 0
