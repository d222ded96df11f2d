"""How servers on one's own machine differ from the provider whose wire they speak. A script asks for each by name."""

from __future__ import annotations

import json
from typing import Any

from apps.sandbox.script import Quirk
from apps.sandbox.sse import unnamed

DONE = b"data: [DONE]\n\n"

Shape = dict[str, Any]


def whole(completion: Shape, quirks: frozenset[Quirk]) -> Shape:
    """A completion as such a server sends it."""
    if not quirks:
        return completion
    choices = [choice | {"message": _spoken(choice["message"], quirks)} for choice in completion["choices"]]
    return completion | {"choices": choices}


def stream(chunks: list[Shape], quirks: frozenset[Quirk]) -> list[bytes]:
    """Chunks as such a server sends them."""
    found = []
    for number, chunk in enumerate(_joined(chunks) if "arguments_as_objects" in quirks else chunks):
        made = dict(chunk)
        if "id_per_chunk" in quirks:
            made["id"] = f"{chunk['id']}-{number}"
        if "empty_finish_reason" in quirks:
            made["choices"] = [one | {"finish_reason": one["finish_reason"] or ""} for one in chunk["choices"]]
        found.append(unnamed(made | {"choices": [_delta(choice, quirks) for choice in made["choices"]]}))
    return found if "no_done" in quirks else [*found, DONE]


def _delta(choice: Shape, quirks: frozenset[Quirk]) -> Shape:
    return choice | {"delta": _spoken(choice["delta"], quirks)}


def _spoken(message: Shape, quirks: frozenset[Quirk]) -> Shape:
    if not message.get("tool_calls"):
        return message
    return message | {"tool_calls": [_call(call, quirks) for call in message["tool_calls"]]}


def _call(call: Shape, quirks: frozenset[Quirk]) -> Shape:
    made = dict(call)
    if "no_call_ids" in quirks and "id" in made:
        made["id"] = ""
    if "arguments_as_objects" in quirks:
        try:
            given = json.loads(call["function"]["arguments"])
        except ValueError:
            given = call["function"]["arguments"]
        made["function"] = call["function"] | {"arguments": given}
    return made


def _joined(chunks: list[Shape]) -> list[Shape]:
    """The chunks with the fragments of each call in one, since an object cannot be cut."""
    found: list[Shape] = []
    for chunk in chunks:
        calls = [call for choice in chunk["choices"] for call in choice["delta"].get("tool_calls", ())]
        if calls and "id" not in calls[0]:
            function = found[-1]["choices"][0]["delta"]["tool_calls"][0]["function"]
            function["arguments"] += calls[0]["function"]["arguments"]
        else:
            found.append(json.loads(json.dumps(chunk)))
    return found
