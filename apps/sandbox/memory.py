"""What a provider remembers from one request to the next: prompts in its cache, responses that it stored. Bounded."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from apps.sandbox import conversation
from apps.sandbox.cache import Cache
from apps.sandbox.conversation import Said

KEPT = 2000


class Memory:
    """What was stored, youngest last; the oldest is forgotten first."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self.cache = Cache()
        self._responses: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def store(self, response_id: str, stored: dict[str, Any]) -> None:
        """Keep a response with the conversation that led to it."""
        self._responses[response_id] = stored
        self._responses.move_to_end(response_id)
        while len(self._responses) > self._kept:
            self._responses.popitem(last=False)

    def response(self, response_id: object) -> dict[str, Any] | None:
        """What was stored under this id."""
        return self._responses.get(str(response_id))

    def said_before(self, body: object) -> tuple[Said, ...]:
        """The conversation that a request goes on with by naming an earlier response."""
        named = body.get("previous_response_id") if isinstance(body, dict) else None
        stored = self.response(named) if named else None
        return conversation.read({"input": stored["input"]}) if stored else ()

    def drop(self, response_id: str) -> bool:
        """Forget one response; return whether it was there."""
        return self._responses.pop(response_id, None) is not None

    def clear(self) -> None:
        """Forget everything."""
        self._responses.clear()
        self.cache.clear()
