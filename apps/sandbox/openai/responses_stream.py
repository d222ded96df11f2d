"""A response as typed events: named, numbered, and ended by the whole of it."""

from __future__ import annotations

from typing import Any

from apps.sandbox.sse import event, pieces

ENDS = {"completed": "response.completed", "incomplete": "response.incomplete", "failed": "response.failed"}

Event = tuple[str, dict[str, Any]]


def events(response: dict[str, Any]) -> list[bytes]:
    """The whole stream for a response."""
    opening = {**response, "status": "in_progress", "completed_at": None, "output": [], "usage": None}
    opening |= {"error": None, "incomplete_details": None}
    found: list[Event] = [("response.created", {"response": opening}), ("response.in_progress", {"response": opening})]
    for index, item in enumerate(response["output"]):
        found += _item(index, item)
    found.append((ENDS[response["status"]], {"response": response}))
    return [event(name, {"type": name, "sequence_number": number, **data}) for number, (name, data) in enumerate(found)]


def _item(index: int, item: dict[str, Any]) -> list[Event]:
    at = {"item_id": item["id"], "output_index": index}
    match item["type"]:
        case "message":
            empty, inner = {**item, "content": []}, _message(item, at)
        case "function_call":
            empty, inner = {**item, "arguments": ""}, _call(item, at)
        case _:
            empty, inner = {**item, "summary": []}, _reasoning(item, at)
    added = {"output_index": index, "item": {**empty, "status": "in_progress"}}
    return [
        ("response.output_item.added", added),
        *inner,
        ("response.output_item.done", {"output_index": index, "item": item}),
    ]


def _message(item: dict[str, Any], at: dict[str, Any]) -> list[Event]:
    (part,) = item["content"]
    here = {**at, "content_index": 0}
    if part["type"] == "refusal":
        kind, name, more = "refusal", "refusal", dict[str, Any]()
    else:
        kind, name, more = "output_text", "text", {"logprobs": []}
    text, empty = part[name], {**part, name: ""}
    return [
        ("response.content_part.added", {**here, "part": empty}),
        *((f"response.{kind}.delta", {**here, "delta": piece, **more}) for piece in pieces(text)),
        (f"response.{kind}.done", {**here, name: text, **more}),
        ("response.content_part.done", {**here, "part": part}),
    ]


def _call(item: dict[str, Any], at: dict[str, Any]) -> list[Event]:
    kind = "response.function_call_arguments"
    return [
        *((f"{kind}.delta", {**at, "delta": piece}) for piece in pieces(item["arguments"])),
        (f"{kind}.done", {**at, "name": item["name"], "arguments": item["arguments"]}),
    ]


def _reasoning(item: dict[str, Any], at: dict[str, Any]) -> list[Event]:
    found: list[Event] = []
    for number, part in enumerate(item["summary"]):
        here = {**at, "summary_index": number}
        kind = "response.reasoning_summary"
        found.append((f"{kind}_part.added", {**here, "part": {**part, "text": ""}}))
        found += [(f"{kind}_text.delta", {**here, "delta": piece}) for piece in pieces(part["text"])]
        found.append((f"{kind}_text.done", {**here, "text": part["text"]}))
        found.append((f"{kind}_part.done", {**here, "part": part}))
    return found
