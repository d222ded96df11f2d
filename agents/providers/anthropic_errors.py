"""Every way a request to Anthropic can fail, as a plain error with a class.

The SDK's own errors carry the request, and with it the key and the prompt; they end here. What decides is the error's
type and what had arrived by then, not the HTTP status alone: a stream that has begun fails under status 200.
"""

from __future__ import annotations

from typing import Any

import anthropic

from agents import errors
from agents.contracts import Fate
from agents.errors import ProviderError
from agents.providers import failures
from agents.providers.failures import Verdict
from agents.providers.seen import Seen

SPENDING = ("spend_limit", "ramp_limit", "credit balance", "spend limit", "spending limit", "billing")
TRANSIENT = {
    "overloaded_error": errors.ProviderOverloaded,
    "rate_limit_error": errors.RateLimited,
    "api_error": errors.ProviderUnavailable,
}


def plain(error: Exception, *, seen: Seen, secret: str, who: str) -> ProviderError:
    """The error as everybody else may see it."""
    return failures.plain(_verdict(error, seen), _sentence(error, who), error=error, seen=seen, secret=secret)


def _verdict(error: Exception, seen: Seen) -> Verdict:
    if isinstance(error, anthropic.APIStatusError):
        return _of_event(error, seen) if error.status_code < 300 else _of_status(error)
    return failures.of_connection(_cause(error), seen, is_wrapped=_is_wrapped(error))


def _cause(error: Exception) -> BaseException | None:
    return error.__cause__ if _is_wrapped(error) else error


def _is_wrapped(error: Exception) -> bool:
    return isinstance(error, anthropic.APIConnectionError)


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
            return Verdict(kind=errors.KeyRefused, fate=Fate.REFUSED, retry_after=failures.KEY_AGAIN_AFTER)
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
    return failures.retry_after(error.response.headers)


def _sentence(error: Exception, who: str) -> str:
    if isinstance(error, anthropic.APIStatusError):
        kind: Any = error.type or "an error"
        message = f": {error.api_message}" if isinstance(error.api_message, str) else ""
        mend = "; mend ANTHROPIC_API_KEY" if error.status_code == 401 else ""
        return f"{who} answered {error.status_code} {kind}{message[: failures.SHOWN]}{mend}"
    return failures.sentence(_cause(error), who, is_wrapped=_is_wrapped(error))
