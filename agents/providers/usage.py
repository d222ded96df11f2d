"""What a stream has told so far: how it stands, and which tokens the provider reports. Believes only whole counts."""

from __future__ import annotations

from dataclasses import dataclass

from anthropic.types import ParsedMessage

from billing.prices import Usage

COUNTS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


@dataclass(kw_only=True)
class Seen:
    """What had arrived when the answer was complete, or broke."""

    http_status: int | None = None
    provider_request_id: str | None = None
    message: ParsedMessage[None] | None = None
    """The SDK's own picture of the message; it grows as events arrive."""
    totals: bool = False
    """Whether the event with the final counts has come."""

    @property
    def begun(self) -> bool:
        """Whether the provider has started to answer."""
        return self.message is not None

    @property
    def stop_reason(self) -> str | None:
        """Why the answer ended: the only sign that it did."""
        return None if self.message is None else getattr(self.message, "stop_reason", None)

    @property
    def text(self) -> str:
        """The words so far."""
        blocks = [] if self.message is None else self.message.content
        return "".join(block.text for block in blocks if block.type == "text")

    @property
    def usage(self) -> Usage | None:
        """What the provider has reported so far; None when it did not, or when a count is not a count."""
        reported = getattr(self.message, "usage", None)
        if reported is None:
            return None
        counts = [getattr(reported, name, None) for name in COUNTS]
        fresh, output, written, read = (0 if count is None else count for count in counts)
        if counts[0] is None or counts[1] is None:
            return None
        if not all(isinstance(count, int) and count >= 0 for count in (fresh, output, written, read)):
            return None
        hour = _written_for_an_hour(reported, written)
        return Usage(
            input_tokens=fresh,
            output_tokens=output,
            cache_write_5m=written - hour,
            cache_write_1h=hour,
            cache_read=read,
        )


def _written_for_an_hour(reported: object, written: int) -> int:
    """The dearer part of what was written to a cache. The sum of both parts is the count that grows with the stream."""
    hour = getattr(getattr(reported, "cache_creation", None), "ephemeral_1h_input_tokens", 0)
    return min(hour, written) if isinstance(hour, int) and hour > 0 else 0
