"""The prices in force: look one up, or be refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal

from billing import money, prices
from billing.conf import call_limit
from billing.errors import CallTooDear, UnknownPrice
from billing.figures import FIGURES, LIST
from billing.models import Price
from billing.prices import Usage

_read: dict[tuple[str, str], tuple[str, Sequence[Price]]] = {}


def listed(provider: str, *, mark: str, book: str = LIST) -> Sequence[Price]:
    """The provider's prices, of all times. Read once in a process for each `mark` that `billing_mark` gave them."""
    known = _read.get((book, provider))
    if known is not None and known[0] == mark:
        return known[1]
    # They may have changed since the mark was given: then they are newer than it says, and read again under the next.
    found = tuple(Price.objects.filter(book=book, provider=provider))
    _read[book, provider] = (mark, found)
    return found


def price_of(
    provider: str,
    model: str,
    at: datetime,
    prompt_tokens: int,
    *,
    book: str = LIST,
    of: Sequence[Price] | None = None,
) -> Price:
    """The price of one request at that moment, `of` those that were listed; UnknownPrice when the book does not say."""
    found = prices.tier(_tiers(provider, model, at, book, of), prompt_tokens=prompt_tokens)
    if found is None:
        raise _unknown(provider, model, book)
    return found


def worst_case(
    provider: str,
    model: str,
    at: datetime,
    *,
    prompt_tokens: int,
    output_tokens: int,
    heard_ms: int = 0,
    writes_cache: bool = False,
    book: str = LIST,
    of: Sequence[Price] | None = None,
) -> tuple[Price, Decimal]:
    """The most a request of at most this size can cost, and the price that makes it so.

    The real prompt may be shorter than `prompt_tokens` and fall in a lower tier, and nothing says that a lower tier
    is cheaper: so each tier is asked, with the longest prompt it may see. With `writes_cache` all of the prompt may be
    written to the provider's cache of five minutes, which costs more than reading it does.
    """
    most = [Usage(input_tokens=prompt_tokens, output_tokens=output_tokens, heard_ms=heard_ms)]
    if writes_cache:
        most.append(replace(most[0], input_tokens=0, cache_write_5m=prompt_tokens))
    asked = [
        (tier, max(prices.worst_case(tier, usage) for usage in most))
        for tier in _tiers(provider, model, at, book, of)
        if tier.min_prompt_tokens <= prompt_tokens
    ]
    if not asked:
        raise _unknown(provider, model, book)
    return max(asked, key=lambda pair: (pair[1], pair[0].min_prompt_tokens))


def check(provider: str, model: str, *, worst: Decimal) -> None:
    """Raise CallTooDear where a call may cost more than any should: a budget would pay for a mistake in a price."""
    most = call_limit()
    if most is not None and worst > most:
        raise CallTooDear(
            f"A call of {model} of {provider} may cost {money.short(worst)}, and a single call may cost "
            f"{money.short(most)}: look at its price, then release the task, or raise NEXUS_CALL_LIMIT_USD.",
            provider=provider,
            model=model,
            worst=money.text(worst),
            most=money.text(most),
        )


def install() -> int:
    """Write the shipped prices that the book lacks; return how many. Rows that are there are left as they are."""
    # Two bootstraps may run at once: the second insert of a row is dropped by its unique constraint.
    before = Price.objects.count()
    Price.objects.bulk_create([Price(**asdict(figure)) for figure in FIGURES], ignore_conflicts=True)
    return Price.objects.count() - before


def _tiers(provider: str, model: str, at: datetime, book: str, of: Sequence[Price] | None) -> Sequence[Price]:
    if of is None:
        of = tuple(Price.objects.filter(book=book, provider=provider, effective_from__lte=at))
    return prices.tiers(of, model=model, at=at)


def _unknown(provider: str, model: str, book: str) -> UnknownPrice:
    return UnknownPrice(
        f"The price book has no price for {model} of {provider}; add one before it is called.",
        provider=provider,
        model=model,
        book=book,
    )
