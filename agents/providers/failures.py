"""What every provider's failures have in common: whether a request left, how long to wait, what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx2
from django.utils import timezone

from agents import errors
from agents.contracts import Fate, Trace
from agents.errors import ProviderError
from agents.providers.seen import Seen
from nexus.telemetry.log import redact

NEVER_LEFT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
    httpx2.InvalidURL,
)
KEY_AGAIN_AFTER = 300.0
"""Seconds until a refused key is tried again: somebody has to mend it first."""
LONGEST_WAIT = 3600.0
"""Seconds at most that a provider's Retry-After is obeyed; some have asked for weeks."""
SHOWN = 300
"""Characters of a provider's own words."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What kind of failure it is, and what became of the money."""

    kind: type[ProviderError]
    fate: Fate
    retry_after: float | None = None


def plain(verdict: Verdict, said: str, *, error: Exception, seen: Seen, secret: str) -> ProviderError:
    """The error as everybody else may see it: a class, a sentence, numbers."""
    trace = Trace(
        fate=verdict.fate,
        http_status=seen.http_status or getattr(error, "status_code", None),
        provider_request_id=seen.provider_request_id or getattr(error, "request_id", None),
        usage=seen.usage,
    )
    return verdict.kind(
        redact(said.replace(secret, "***") if secret else said), trace=trace, retry_after=verdict.retry_after
    )


def of_connection(cause: object, seen: Seen, *, is_wrapped: bool) -> Verdict:
    """A failure without a status: of the connection, or of what came over it."""
    if isinstance(cause, NEVER_LEFT):
        return Verdict(kind=errors.ProviderUnavailable, fate=Fate.NOT_SENT)
    if is_wrapped or isinstance(cause, httpx2.HTTPError):
        return Verdict(kind=errors.AnswerLost, fate=Fate.UNKNOWN)
    if seen.http_status is None:
        # Whatever goes wrong while sending is wrapped by the SDK. So this was raised before: it will not send it.
        return Verdict(kind=errors.RequestRefused, fate=Fate.NOT_SENT)
    return Verdict(kind=errors.StreamTruncated, fate=Fate.UNKNOWN)


def sentence(cause: object, who: str, *, is_wrapped: bool) -> str:
    """What is said of such a failure."""
    name = type(cause).__name__
    if isinstance(cause, NEVER_LEFT):
        return f"{who} cannot be reached ({name})"
    if is_wrapped or isinstance(cause, httpx2.HTTPError):
        return f"The connection to {who} was lost before the answer was complete ({name})"
    return f"The answer of {who} could not be read ({name})"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number or a date; None when the provider does not say or says nonsense."""
    said = headers.get("retry-after")
    if said is None:
        return None
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - _now(headers)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None  # noqa: PLR0124  # NaN is not itself


def _now(headers: Mapping[str, str]) -> datetime:
    """The time as whoever answers has it: a moment that they name is one of their clock, which need not be ours."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return timezone.now()
    return told if told.tzinfo is not None else timezone.now()
