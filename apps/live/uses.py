"""What an agent does with its tools, in the frames that clients of sessions know. Pure."""

from __future__ import annotations

import json
from typing import Any

from .lines import Line

KINDS = frozenset({"tool.started", "tool.ended", "tool.refused"})
Json = dict[str, Any]


class Uses:
    """The tools of one answer, as they are told."""

    def __init__(self) -> None:
        """Nothing was asked for yet."""
        self._inputs: dict[str, str] = {}

    def frames(self, line: Line) -> list[Json]:
        """What is said of an event of a tool; nothing of any other."""
        if line.name not in KINDS:
            return []
        data: Json = json.loads(line.body)["data"]
        if line.name == "tool.started":
            self._inputs[data["id"]] = data["input"]
            return [_begins(data), _told("tool_input", tool_id=data["id"], data=data["input"])]
        ends = _told(
            "tool_end", tool_id=data["id"], tool_name=data["tool"], tool_input=self._inputs.get(data["id"], ""),
            tool_result=data["text"], is_error=data.get("is_error", True),
        )  # fmt: skip
        return [ends] if line.name == "tool.ended" else [_begins(data), ends]


def _begins(data: Json) -> Json:
    return _told("tool_use", tool_name=data["tool"], tool_id=data["id"])


def _told(type: str, **facts: Any) -> Json:
    return {"event": "message", "type": type, **facts}
