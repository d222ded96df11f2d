"""Every way a request in OpenAI's formats can fail, as a plain error with a class.

Spoken by OpenAI and by many others: servers of one's own (vLLM, Ollama, llama.cpp), gateways. They agree on the status
and on little else, so types and codes only sharpen what the status says. The SDK's errors carry the request, and with
it the key and the prompt, and cannot be pickled; they end here.
"""

from __future__ import annotations

from typing import Any

import openai

from agents import errors
from agents.contracts import Fate
from agents.errors import ProviderError
from agents.providers import failures
from agents.providers.failures import Verdict
from agents.providers.seen import Seen

SPENDING = (
    "insufficient_quota",
    "billing",
    "exceeded your current quota",
    "spend limit",
    "spending limit",
    "credit balance",
)
OVERLOADED = ("overloaded", "server_is_overloaded", "slow_down")
LIMITED = ("rate_limit_exceeded", "rate_limit_error", "tokens", "requests")


class ErrorEvent(Exception):
    """An error that came as an event of a stream, which the SDK hands over as it hands over any event."""

    def __init__(self, *, code: str, message: str) -> None:
        """Keep its words."""
        super().__init__(message)
        self.code = code
        self.type = None
        self.message = message


def plain(error: Exception, *, seen: Seen, secret: str, who: str, variable: str) -> ProviderError:
    """The error as everybody else may see it. `variable` is where its key comes from."""
    said = _sentence(error, who, variable)
    return failures.plain(_verdict(error, seen), said, error=error, seen=seen, secret=secret)


def _verdict(error: Exception, seen: Seen) -> Verdict:
    if isinstance(error, openai.APIStatusError):
        return _of_status(error)
    if _is_event(error):
        return _of_event(error, seen)
    return failures.of_connection(_cause(error), seen, is_wrapped=_is_wrapped(error))


def _of_event(error: Any, seen: Seen) -> Verdict:
    """An error inside a stream. Once something was said, its tokens may be on the bill."""
    known = _said(error)
    if seen.begun:
        return Verdict(kind=errors.AnswerLost, fate=Fate.UNKNOWN)
    if any(word in known for word in SPENDING):
        return Verdict(kind=errors.SpendingRefused, fate=Fate.REFUSED)
    if any(word in known for word in OVERLOADED):
        return Verdict(kind=errors.ProviderOverloaded, fate=Fate.REFUSED)
    if any(word in (error.code, error.type) for word in LIMITED):
        return Verdict(kind=errors.RateLimited, fate=Fate.REFUSED)
    if (error.code or "").startswith("invalid") or error.type == "invalid_request_error":
        return Verdict(kind=errors.RequestRefused, fate=Fate.REFUSED)
    return Verdict(kind=errors.AnswerLost, fate=Fate.UNKNOWN)


def _of_status(error: openai.APIStatusError) -> Verdict:
    wait = failures.retry_after(error.response.headers)
    if error.status_code == 402 or (error.status_code in {400, 403, 429} and _is_about_spending(error)):
        return Verdict(kind=errors.SpendingRefused, fate=Fate.REFUSED)
    match error.status_code:
        case 401:
            return Verdict(kind=errors.KeyRefused, fate=Fate.REFUSED, retry_after=failures.KEY_AGAIN_AFTER)
        case 409:
            return Verdict(kind=errors.ProviderUnavailable, fate=Fate.REFUSED, retry_after=wait)
        case 429:
            return Verdict(kind=errors.RateLimited, fate=Fate.REFUSED, retry_after=wait)
        case 503 | 529 if error.type or error.code:
            # In the provider's own words: it has not begun. Without them it may be some gateway that lost an answer.
            busy = error.status_code == 529 or any(word in _said(error) for word in OVERLOADED)
            kind = errors.ProviderOverloaded if busy else errors.ProviderUnavailable
            return Verdict(kind=kind, fate=Fate.REFUSED, retry_after=wait)
        case 408:
            return Verdict(kind=errors.AnswerLost, fate=Fate.UNKNOWN)
        case status if status >= 500:
            return Verdict(kind=errors.AnswerLost, fate=Fate.UNKNOWN, retry_after=wait)
        case _:
            return Verdict(kind=errors.RequestRefused, fate=Fate.REFUSED)


def _is_about_spending(error: openai.APIStatusError) -> bool:
    return any(word in _said(error) for word in SPENDING)


def _said(error: Any) -> str:
    return f"{error.code or ''} {error.type or ''} {error.message or ''}".lower()


def _is_event(error: Exception) -> bool:
    return isinstance(error, ErrorEvent) or (isinstance(error, openai.APIError) and not _is_wrapped(error))


def _is_wrapped(error: Exception) -> bool:
    return isinstance(error, openai.APIConnectionError)


def _cause(error: Exception) -> BaseException | None:
    return error.__cause__ if _is_wrapped(error) else error


def _sentence(error: Exception, who: str, variable: str) -> str:
    if isinstance(error, openai.APIStatusError):
        mend = f"; mend {variable}" if error.status_code == 401 else ""
        return f"{who} answered {error.status_code} {_words(error)}{mend}"
    if _is_event(error):
        return f"{who} broke its answer off with {_words(error)}"
    return failures.sentence(_cause(error), who, is_wrapped=_is_wrapped(error))


def _words(error: Any) -> str:
    body = error.body if isinstance(getattr(error, "body", None), dict) else {}
    message = body.get("message", error.message if isinstance(error, ErrorEvent) else "")
    kind = error.code or error.type or "an error"
    return f"{kind}: {message[: failures.SHOWN]}" if isinstance(message, str) and message else str(kind)
