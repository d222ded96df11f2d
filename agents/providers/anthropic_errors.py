"""Every way a request to Anthropic can fail, as a plain error with a class.

The SDK's own errors carry the request, and with it the key and the prompt; they end here. What decides is the error's
type and what had arrived by then, not the HTTP status alone: a stream that has begun fails under status 200.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import anthropic
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
SPENDING = ("spend_limit", "ramp_limit", "credit balance", "spend limit", "spending limit", "billing")
TRANSIENT = {
    "overloaded_error": errors.ProviderOverloaded,
    "rate_limit_error": errors.RateLimited,
    "api_error": errors.ProviderUnavailable,
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What kind of failure it is, and what became of the money."""

    kind: type[ProviderError]
    fate: Fate
    retry_after: float | None = None


def plain(error: Exception, *, seen: Seen, secret: str, who: str) -> ProviderError:
    """The error as everybody else may see it: a class, a sentence, numbers."""
    verdict = _verdict(error, seen)
    trace = Trace(
        fate=verdict.fate,
        http_status=seen.http_status or getattr(error, "status_code", None),
        provider_request_id=seen.provider_request_id or getattr(error, "request_id", None),
        usage=seen.usage,
    )
    said = _sentence(error, who).replace(secret, "***") if secret else _sentence(error, who)
    return verdict.kind(redact(said), trace=trace, retry_after=verdict.retry_after)


def _verdict(error: Exception, seen: Seen) -> Verdict:
    if isinstance(error, anthropic.APIStatusError):
        return _of_event(error, seen) if error.status_code < 300 else _of_status(error)
    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
    if isinstance(cause, NEVER_LEFT):
        return Verdict(kind=errors.ProviderUnavailable, fate=Fate.NOT_SENT)
    if isinstance(error, anthropic.APIConnectionError | httpx2.HTTPError):
        return Verdict(kind=errors.AnswerLost, fate=Fate.UNKNOWN)
    if seen.http_status is None:
        # Whatever goes wrong while sending is wrapped above. So this was raised before: the SDK will not send it.
        return Verdict(kind=errors.RequestRefused, fate=Fate.NOT_SENT)
    return Verdict(kind=errors.StreamTruncated, fate=Fate.UNKNOWN)


def _of_event(error: anthropic.APIStatusError, seen: Seen) -> Verdict:
    """An error event inside a stream. Once the message has begun, its tokens may be on the bill."""
    if seen.begun or error.type not in TRANSIENT:
        return Verdict(kind=errors.AnswerLost, fate=Fate.UNKNOWN)
    return Verdict(kind=TRANSIENT[error.type], fate=Fate.REFUSED, retry_after=_retry_after(error))


def _of_status(error: anthropic.APIStatusError) -> Verdict:
    if error.status_code in {400, 402, 429} and _is_about_spending(error):
        return Verdict(kind=errors.SpendingRefused, fate=Fate.REFUSED)
    match error.status_code:
        case 401:
            return Verdict(kind=errors.KeyRefused, fate=Fate.REFUSED, retry_after=KEY_AGAIN_AFTER)
        case 409:
            return Verdict(kind=errors.ProviderUnavailable, fate=Fate.REFUSED, retry_after=_retry_after(error))
        case 429:
            return Verdict(kind=errors.RateLimited, fate=Fate.REFUSED, retry_after=_retry_after(error))
        case 503 | 529 if error.type:
            # In the provider's own words: it has not begun. Without them it may be some gateway that lost an answer.
            kind = TRANSIENT.get(error.type, errors.ProviderUnavailable)
            return Verdict(kind=kind, fate=Fate.REFUSED, retry_after=_retry_after(error))
        case 408:
            return Verdict(kind=errors.AnswerLost, fate=Fate.UNKNOWN)
        case status if status >= 500:
            return Verdict(kind=errors.AnswerLost, fate=Fate.UNKNOWN, retry_after=_retry_after(error))
        case _:
            return Verdict(kind=errors.RequestRefused, fate=Fate.REFUSED)


def _is_about_spending(error: anthropic.APIStatusError) -> bool:
    if error.status_code == 402 or error.type == "billing_error":
        return True
    said = f"{error.error_code or ''} {error.api_message or ''}".lower()
    return any(word in said for word in SPENDING)


def _retry_after(error: anthropic.APIStatusError) -> float | None:
    """Seconds, from a number or a date; None when the provider does not say or says nonsense."""
    said: str | None = error.response.headers.get("retry-after")
    if said is None:
        return None
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - timezone.now()).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None  # noqa: PLR0124  # NaN is not itself


def _sentence(error: Exception, who: str) -> str:
    if isinstance(error, anthropic.APIStatusError):
        kind: Any = error.type or "an error"
        message = f": {error.api_message}" if isinstance(error.api_message, str) else ""
        mend = "; mend ANTHROPIC_API_KEY" if error.status_code == 401 else ""
        return f"{who} answered {error.status_code} {kind}{message[:SHOWN]}{mend}"
    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
    if isinstance(cause, NEVER_LEFT):
        return f"{who} cannot be reached ({type(cause).__name__})"
    if isinstance(error, anthropic.APIConnectionError | httpx2.HTTPError):
        return f"The connection to {who} was lost before the answer was complete ({type(cause).__name__})"
    return f"The answer of {who} could not be read ({type(error).__name__})"
