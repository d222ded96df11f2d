"""The picture of an order on stderr: redrawn in place on a terminal, otherwise one line per change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from . import tree
from .console import Console, duration
from .uses import Uses

Json = Mapping[str, Any]


class Picture(Protocol):
    """Shows an order as it changes."""

    def show(self, order: Json, written: Mapping[str, int], used: Uses) -> None:
        """Show how it stands now."""

    def end(self, order: Json, used: Uses) -> None:
        """Leave the last picture where it is."""


def picture(console: Console) -> Picture:
    """Return what suits this console."""
    return Redrawn(console) if console.is_live else Told(console)


class Redrawn:
    """Draws over its own last lines."""

    def __init__(self, console: Console) -> None:
        """Nothing is drawn yet."""
        self._console, self._drawn = console, 0

    def show(self, order: Json, written: Mapping[str, int], used: Uses) -> None:
        """Draw over what was drawn before."""
        columns = self._console.columns()
        now = datetime.now(UTC)
        shown = tree.Shown(now=now, columns=columns - 1, written=written, used=used, paint=self._console.paint)
        lines = tree.lines(order, shown)
        # What has scrolled out of the window cannot be drawn over: keep the head and the end.
        room = self._console.rows() - 1
        if len(lines) > room > 2:
            lines = [lines[0], f"  … {len(lines) - room + 1} more", *lines[-(room - 2) :]]
        self._draw(lines)

    def end(self, order: Json, used: Uses) -> None:
        """Draw the last picture."""
        self.show(order, {}, used)

    def _draw(self, lines: list[str]) -> None:
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        body = "".join(f"\x1b[2K{line}\n" for line in lines)
        # Lines of a longer picture are wiped; the cursor stays below the new one.
        self._console.err.write(f"{up}\r{body}\x1b[J")
        self._console.err.flush()
        self._drawn = len(lines)


class Told:
    """Says what has changed, one line each."""

    def __init__(self, console: Console) -> None:
        """Nothing was said yet."""
        self._console = console
        self._states: dict[str, str] = {}
        self._status = ""
        self._uses_said = 0

    def show(self, order: Json, written: Mapping[str, int], used: Uses) -> None:
        """Say what is new."""
        if order["status"] != self._status:
            self._status = order["status"]
            note = "  (sandbox)" if order.get("sandbox") else ""
            self._console.say(f"{order['id']}  {self._status.replace('_', ' ')}{note}")
        for task in order["tasks"]:
            if self._states.get(task["key"]) != task["state"]:
                self._states[task["key"]] = task["state"]
                self._console.say(self._line(task))
        for task_key, use in used.ended[self._uses_said :]:
            self._console.say(f"    {task_key}: {use}")
        self._uses_said = len(used.ended)

    def end(self, order: Json, used: Uses) -> None:
        """Say what it came to."""
        self.show(order, {}, used)
        finished = order.get("finished_at")
        took = (
            datetime.fromisoformat(finished or datetime.now(UTC).isoformat())
            - datetime.fromisoformat(order["created_at"])
        ).total_seconds()
        tokens = order["tokens"]
        self._console.say(
            f"{order['id']}  {len(order['tasks'])} tasks in {duration(took)}, {tree.spent(order)}, "
            f"{tokens['input']} tokens in, {tokens['output']} out"
        )

    def _line(self, task: Json) -> str:
        glyph, _ = tree.GLYPHS.get(task["state"], ("·", ""))
        words = [f"  {glyph} {task['key']}", task["state"].replace("_", " ")]
        if task["state"] in ("running", "completed") and task.get("role"):
            words.append(f"{task['role']} {task['model'] or ''}".rstrip())
        if task["state"] == "completed" and task.get("model"):
            words.append(tree.dollars(task["cost_usd"]))
        if task["state"] in ("failed", "waiting_approval") and task.get("waiting_for"):
            words.append(task["waiting_for"])
        return "  ".join(words)
