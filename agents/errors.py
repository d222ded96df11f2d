"""What agents refuse, and what the engine makes of it.

One rule runs through the dispositions: what cost nothing is given back and tried again for ever, without spending an
attempt; what may have cost something spends one, so that it cannot be bought without end.
"""

from __future__ import annotations

from typing import ClassVar

from agents.contracts import Trace
from nexus.errors import Disposition, NexusError


class UnknownRole(NexusError):
    """There is no role of this name."""

    code = "unknown_role"


class UnknownProvider(NexusError):
    """There is no provider of this name."""

    code = "unknown_provider"


class MissingKey(NexusError):
    """There is no key for the model provider: set ANTHROPIC_API_KEY."""

    code = "missing_key"
    disposition = "give_back"


class KeyUnreadable(NexusError):
    """The stored key of a provider cannot be read: NEXUS_KEYS_SECRET is not the one that locked it."""

    code = "key_unreadable"
    disposition = "give_back"


class ModelBusy(NexusError):
    """The model is asked by as many, or has been asked as often, as its limits allow."""

    code = "model_busy"
    disposition = "give_back"


class ModelResting(NexusError):
    """The model has failed several times and is left alone for a while."""

    code = "model_resting"
    disposition = "give_back"


class AnswerInvalid(NexusError):
    """The model's answer is not what was asked for, and asking again did not help."""

    # Not "retry": the stored answers would be replayed and would be as wrong as before.
    code = "answer_invalid"


class ModelRefused(NexusError):
    """The model declined to answer this."""

    code = "model_refused"


class ProviderError(NexusError):
    """The model provider gave no answer.

    Plain, so that it can be logged, stored and sent to another process: it carries no SDK object, no prompt, no key.
    """

    code = "provider_error"
    disposition: ClassVar[Disposition] = "retry"

    def __init__(
        self, message: str | None = None, *, trace: Trace, retry_after: float | None = None, **facts: object
    ) -> None:
        """Keep what is known of the request."""
        super().__init__(message, retry_after=retry_after, **facts)
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        """Survive a process boundary: the default would call the class without its trace."""
        return _again, (type(self), self.args), self.__dict__


class ProviderUnavailable(ProviderError):
    """The model provider cannot be reached."""

    code = "provider_unavailable"
    disposition = "give_back"


class ProviderOverloaded(ProviderError):
    """The model provider is overloaded."""

    code = "provider_overloaded"
    disposition = "give_back"


class RateLimited(ProviderError):
    """The model provider's rate limit is reached."""

    code = "provider_rate_limited"
    disposition = "give_back"


class KeyRefused(ProviderError):
    """The model provider does not accept its key."""

    code = "provider_key_refused"
    disposition = "give_back"


class SpendingRefused(ProviderError):
    """The model provider's account is out of credit or over its own spending limit."""

    code = "provider_spending_refused"
    disposition = "park"


class RequestRefused(ProviderError):
    """The model provider does not accept this request."""

    code = "provider_request_refused"
    disposition = "refuse"


class AnswerLost(ProviderError):
    """The model provider's answer was lost on the way; it may have been billed."""

    code = "provider_answer_lost"


class StreamTruncated(ProviderError):
    """The model provider's answer ended before its end."""

    code = "stream_truncated"


class Overspent(ProviderError):
    """The model provider wrote more than it was asked for; the answer was cut, and booked as estimated."""

    code = "answer_overspent"


def _again(kind: type[ProviderError], args: tuple[object, ...]) -> ProviderError:
    error = kind.__new__(kind)
    error.args = args
    return error
