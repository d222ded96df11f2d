"""What agents do with tools, a line for each use. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from .console import duration

Json = Mapping[str, Any]
SHOWN = 4
"""The last uses of a task that the picture shows."""


class Uses:
    """The uses of each task, as its feed tells them."""

    def __init__(self) -> None:
        """Nothing was used yet."""
        self.ended: list[tuple[str, str]] = []
        """Task and line of each that is over, in the order in which they came."""
        self._of: dict[str, dict[str, str]] = defaultdict(dict)

    def take(self, event: Json) -> None:
        """Hear an event; of other things than tools it says nothing."""
        if not str(event.get("kind", "")).startswith("tool."):
            return
        task, data = str(event.get("task")), event["data"]
        said = line(str(event["kind"]), data)
        # An id is unique in its answer, and not every maker does more: a use that is over makes room for its next.
        place = f"{data['id']} {sum(1 for one, _ in self.ended if one == task)}"
        self._of[task].pop(place, None)
        self._of[task][place] = said
        if event["kind"] != "tool.started":
            self.ended.append((task, said))

    def last(self, task: str) -> list[str]:
        """The last lines of a task, and how many there were before them."""
        lines = list(self._of[task].values()) if task in self._of else []
        before = len(lines) - SHOWN
        return [f"… {before} more", *lines[before:]] if before > 0 else lines


def of(events: Sequence[Json]) -> Uses:
    """Those of a whole feed."""
    uses = Uses()
    for event in events:
        uses.take(event)
    return uses


def line(kind: str, data: Json) -> str:
    """Name, effect, and how long it took or why it was not done."""
    words = [str(data["tool"]), f"({data['effect']})" if data.get("effect") else ""]
    if kind == "tool.refused":
        words.append(f"not done: {' '.join(str(data['text']).split())}")
    elif kind == "tool.ended":
        words.append(duration(data["ms"] / 1000) + (" failed" if data["is_error"] else ""))
    else:
        words.append("…")
    return " ".join(word for word in words if word)
