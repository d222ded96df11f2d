"""The prices Nexus is shipped with: USD per million tokens, and per minute of sound. Pure data.

Book "list" is what the providers charge, as published in October 2026. A model that is not named here has no price, and
is not called: add a row to the price book, do not guess. Book "seed" has the flat prices per role that Nexus began
with; it serves comparisons and tests of reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

LIST = "list"
"""The book calls are charged by."""
SEED = "seed"

ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)
"""Before the first call any installation made."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One tier of one price."""

    book: str
    provider: str
    model: str
    effective_from: datetime
    min_prompt_tokens: int
    input: Decimal
    output: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal
    minute: Decimal = Decimal(0)
    """Of a recording that the model listens to, where it is paid by its length."""


def _figure(
    model: str,
    input: str,
    output: str,
    *,
    read: str = "0.10",
    since: datetime = ALWAYS,
    over: int | None = None,
    book: str = LIST,
    provider: str = "anthropic",
    minute: str = "0",
) -> Figure:
    """A row; `read` is the cache-read multiplier, and a tier holds for prompts of more than `over` tokens."""
    base = Decimal(input)
    return Figure(
        book=book,
        provider=provider,
        model=model,
        effective_from=since,
        min_prompt_tokens=0 if over is None else over + 1,
        input=base,
        output=Decimal(output),
        cache_write_5m=base * Decimal("1.25"),
        cache_write_1h=base * 2,
        cache_read=base * Decimal(read),
        minute=Decimal(minute),
    )


FIGURES: tuple[Figure, ...] = (
    _figure("claude-opus-5-5*", "4", "20", read="0.05"),
    _figure("claude-sonnet-5-5*", "2", "10"),
    _figure("claude-sonnet-5-5*", "2", "10", read="0.05", since=datetime(2026, 10, 7, tzinfo=UTC)),
    _figure("claude-haiku-5-5*", "0.10", "0.50"),
    _figure("claude-haiku-5-5*", "0.50", "2.50", over=100_000),
    _figure("claude-opus-5", "5", "25"),
    _figure("claude-sonnet-5", "2", "10"),
    _figure("claude-opus-4-[5-8]*", "5", "25"),
    _figure("claude-sonnet-4-[56]*", "3", "15"),
    _figure("claude-haiku-4-5*", "1", "5"),
    # Families of models that are routed by name. A server of one's own costs nothing per token.
    _figure("gemini-2.5-pro*", "1.25", "10", provider="gemini", read="0.25"),
    _figure("gemini-2.5-pro*", "2.50", "15", provider="gemini", read="0.25", over=200_000),
    _figure("gemini-2.5-flash*", "0.30", "2.50", provider="gemini", read="0.25"),
    _figure("deepseek-*", "0.28", "0.42", provider="deepseek"),
    _figure("*", "0", "0", provider="sd"),
    # It listens, and is paid by the minute of what it hears.
    _figure("whisper-1", "0", "0", provider="openai", minute="0.006"),
    # Pictures are paid by the piece, clips and sounds by the second: a piece, and a thousandth of a second, stand in
    # the place of a token. 0.05 USD a picture, 0.50 a second of video, 0.02 a second of music or of a voice.
    _figure("image-1", "0", "50000", provider="media"),
    _figure("video-1", "0", "500", provider="media"),
    _figure("music-1", "0", "20", provider="media"),
    _figure("voice-1", "0", "20", provider="media"),
    # What the roles cost at first: CEO, Director, Intern, and Admin, whose model is local and free.
    _figure("claude-opus-*", "5", "25", book=SEED),
    _figure("claude-sonnet-*", "3", "15", book=SEED),
    _figure("claude-haiku-*", "0.8", "4", book=SEED),
    _figure("*", "0", "0", book=SEED, provider="local"),
)
"""Every row of every book."""
