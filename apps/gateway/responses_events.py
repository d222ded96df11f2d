"""The events of a response, each with its number.

The number of an event says how much had been said when it was sent, so that whoever lost the connection after any of
them goes on there, at any web process, without anything having been kept: `starting_after` is a place in the answer.
Numbers grow, and may leave out as many as an event has characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from . import responses_wire as wire
from .standing import Standing

BEGINS = 3
"""created, in_progress, output_item.added, content_part.added: 0 to 3. Then the words, one for each character."""
Json = dict[str, Any]


class Events:
    """What one listener is told, who has heard everything up to the number `after`."""

    def __init__(self, begun: Standing, *, after: int = -1) -> None:
        """Nothing said yet."""
        self._begun, self._after = begun, after
        self._told = ""
        self._last = after

    def opening(self) -> Iterator[bytes]:
        """That it is there."""
        begun = wire.response(self._begun) | {"status": "in_progress", "output": [], "usage": None}
        yield from self._say(0, "response.created", response=begun | {"status": "queued"})
        yield from self._say(1, "response.in_progress", response=begun)

    def words(self, text: str) -> Iterator[bytes]:
        """Some words."""
        if not self._told:
            yield from self._item(2, "added", wire.message(self._begun, done=False), 0)
            yield from self._part(3, "added", wire.part(self._begun, ""))
        begins = len(self._told)
        self._told += text
        heard = max(0, min(self._after - BEGINS - begins, len(text)))
        if rest := text[heard:]:
            yield from self._say(BEGINS + len(self._told), "response.output_text.delta", delta=rest, **self._place())

    def ending(self, now: Standing) -> Iterator[bytes]:
        """What is left to say when it is over, and how it ended."""
        number = 2
        if now.state == "completed":
            if now.text:
                yield from self._refused(now) if now.is_refusal else self._said(now)
                number = BEGINS + len(now.text) + 4
            for place in range(len(now.uses)):
                yield from self._called(now, place, number, after=1 if now.text else 0)
                number += 4
        shown = wire.response(now)
        kind = "failed" if now.state in ("failed", "cancelled", "parked") else shown["status"]
        # Whoever goes on hears the end in any case: without it a client would wait.
        yield self._event(max(number, self._last + 1), f"response.{kind}", response=shown)

    def broken(self, message: str, code: str) -> bytes:
        """The stream ends without the response's end."""
        return self._event(self._last + 1, "error", code=code, message=message, param=None)

    def _said(self, now: Standing) -> Iterator[bytes]:
        at = BEGINS + len(now.text)
        yield from self._say(at + 1, "response.output_text.done", text=now.text, **self._place())
        yield from self._part(at + 2, "done", wire.part(now, now.text))
        yield from self._item(at + 3, "done", wire.message(now), 0)

    def _refused(self, now: Standing) -> Iterator[bytes]:
        yield from self._item(2, "added", wire.message(self._begun, done=False), 0)
        yield from self._part(3, "added", wire.part(now, ""))
        at, place = BEGINS + len(now.text), self._place()
        place.pop("logprobs")
        yield from self._say(at, "response.refusal.delta", delta=now.text, **place)
        yield from self._say(at + 1, "response.refusal.done", refusal=now.text, **place)
        yield from self._part(at + 2, "done", wire.part(now, now.text))
        yield from self._item(at + 3, "done", wire.message(now), 0)

    def _called(self, now: Standing, place: int, number: int, *, after: int) -> Iterator[bytes]:
        index, done = after + place, wire.call(now, place)
        at = {"item_id": done["id"], "output_index": index}
        yield from self._item(number, "added", wire.call(now, place, done=False), index)
        kind, given = "response.function_call_arguments", done["arguments"]
        yield from self._say(number + 1, f"{kind}.delta", delta=given, **at)
        yield from self._say(number + 2, f"{kind}.done", arguments=given, name=done["name"], **at)
        yield from self._item(number + 3, "done", done, index)

    def _item(self, number: int, what: str, item: Json, index: int) -> Iterator[bytes]:
        yield from self._say(number, f"response.output_item.{what}", output_index=index, item=item)

    def _part(self, number: int, what: str, part: Json) -> Iterator[bytes]:
        place = {name: value for name, value in self._place().items() if name != "logprobs"}
        yield from self._say(number, f"response.content_part.{what}", part=part, **place)

    def _place(self) -> Json:
        return {"item_id": f"msg_{wire.key(self._begun)}", "output_index": 0, "content_index": 0, "logprobs": []}

    def _say(self, number: int, kind: str, **told: Any) -> Iterator[bytes]:
        if number > self._after:
            yield self._event(number, kind, **told)

    def _event(self, number: int, kind: str, **told: Any) -> bytes:
        self._last = number
        body = json.dumps({"type": kind, "sequence_number": number, **told}, ensure_ascii=False, separators=(",", ":"))
        return f"event: {kind}\ndata: {body}\n\n".encode()
