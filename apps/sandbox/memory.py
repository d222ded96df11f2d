"""What a provider remembers from one request to the next: prompts in its cache, responses that it stored. Bounded."""

from __future__ import annotations

import json
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
        self._paused: OrderedDict[str, None] = OrderedDict()

    def store(self, response_id: str, stored: dict[str, Any]) -> None:
        """Keep a response with the conversation that led to it."""
        self._responses[response_id] = stored
        self._responses.move_to_end(response_id)
        while len(self._responses) > self._kept:
            self._responses.popitem(last=False)

    def pause(self, content: list[dict[str, Any]]) -> None:
        """A turn paused with these blocks: whoever sends them back asks for the rest of it."""
        self._paused[_end_of(content)] = None
        while len(self._paused) > self._kept:
            self._paused.popitem(last=False)

    def has_paused(self, content: object) -> bool:
        """Whether a turn that ends like this has paused."""
        return isinstance(content, list) and _end_of(content) in self._paused

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
        self._paused.clear()
        self.cache.clear()


def _end_of(content: list[Any]) -> str:
    last = content[-1] if content and isinstance(content[-1], dict) else {}
    return json.dumps([last.get(name) for name in ("type", "text", "id")])
