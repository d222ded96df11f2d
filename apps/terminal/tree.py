"""An order as lines of text: who works on what, how far it is, what it has cost. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from .console import duration, fit, width
from .uses import Uses

Json = Mapping[str, Any]
#: Text and the name of a colour -> text.
Paint = Callable[[str, str], str]

GLYPHS = {
    "pending": ("·", "dim"),
    "ready": ("○", "cyan"),
    "running": ("▶", "blue"),
    "waiting_approval": ("?", "yellow"),
    "completed": ("✔", "green"),
    "failed": ("✘", "red"),
    "cancelled": ("-", "dim"),
}
_BAR = 10


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the lines are made of besides the order itself."""

    now: datetime
    columns: int
    #: Task -> characters that its model has written so far.
    written: Mapping[str, int]
    paint: Paint = lambda text, _: text
    #: Task -> what its agent did with tools.
    used: Uses = field(default_factory=Uses)


def lines(order: Json, shown: Shown) -> list[str]:
    """Return the whole picture: a head, a line per task, and why nothing moves when nothing does."""
    drawn = [head(order, shown)]
    branches = branches_of(order["tasks"])
    keys = min(max((width(task["key"]) for task in order["tasks"]), default=0), 24)
    for task in order["tasks"]:
        drawn.append(_line(task, branches[task["key"]], keys, shown))
        used = [fit(f"    · {use}", shown.columns).rstrip() for use in shown.used.last(task["key"])]
        drawn += [shown.paint(line, "dim") for line in used]
    if order.get("waiting_for") and order["status"] not in ("in_progress", "queued"):
        drawn.append(shown.paint("  " + fit(order["waiting_for"], shown.columns - 2).rstrip(), "yellow"))
    return drawn


def head(order: Json, shown: Shown) -> str:
    """Return the line about the order as a whole."""
    tokens = order["tokens"]
    parts = [
        (order["id"], "bold"),
        (order["status"].replace("_", " "), _COLOURS.get(order["status"], "blue")),
        (duration(_elapsed(order["created_at"], order.get("finished_at"), shown.now)), ""),
        (spent(order), ""),
        (f"{_thousands(tokens['input'])} in, {_thousands(tokens['output'])} out", "dim"),
        ("sandbox" if order.get("sandbox") else "", "yellow"),
    ]
    return "  ".join(shown.paint(text, colour) if colour else text for text, colour in parts if text)


_COLOURS = {"completed": "green", "failed": "red", "cancelled": "dim", "blocked": "yellow", "paused": "yellow"}


def spent(order: Json) -> str:
    """Return the cost, and what of its budget that is."""
    cost = dollars(order["cost_usd"])
    if not order.get("budget_usd"):
        return cost
    budget = Decimal(order["budget_usd"])
    share = f" ({Decimal(order['cost_usd']) / budget:.0%})" if budget else ""
    return f"{cost} of {dollars(order['budget_usd'])}{share}"


def dollars(amount: str) -> str:
    """Return an amount in as many places as people read; the exact one is in the JSON."""
    return f"${Decimal(amount):.4f}"


def branches_of(tasks: Sequence[Json]) -> dict[str, str]:
    """Say for each task how it stands among those of its depth: alone, or as one of several side by side."""
    depth: dict[str, int] = {}
    for task in tasks:  # parents come first: a task is written after what it waits for, or with it
        depth[task["key"]] = 1 + max((depth.get(parent, 0) for parent in task["depends_on"]), default=0)
    branches = {}
    for place, task in enumerate(tasks):
        mine = depth[task["key"]]
        above = place > 0 and depth[tasks[place - 1]["key"]] == mine
        below = place + 1 < len(tasks) and depth[tasks[place + 1]["key"]] == mine
        branches[task["key"]] = {(False, False): "  ", (False, True): "┬ ", (True, True): "├ ", (True, False): "└ "}[
            above, below
        ]
    return branches


def _line(task: Json, branch: str, keys: int, shown: Shown) -> str:
    glyph, colour = GLYPHS.get(task["state"], ("·", "dim"))
    who = _who(task, shown)
    right = _right(task, shown)
    room = max(shown.columns - 2 - len(branch) - keys - 4 - width(who) - 32, 8)
    middle = _middle(task)
    text = shown.paint(branch, "dim") + fit(task["key"], keys) + "  " + _tone(fit(middle, room), task, shown)
    return f"{shown.paint(glyph, colour)} {text}  {shown.paint(who, 'cyan')}{right}".rstrip()


def _who(task: Json, shown: Shown) -> str:
    role = f"{task.get('role') or '':<8}"
    if shown.columns < 100:
        return role
    return f"{role} {fit(str(task.get('model') or '').removeprefix('claude-'), 11)}"


def _tone(text: str, task: Json, shown: Shown) -> str:
    return shown.paint(text, "dim") if task["state"] in ("pending", "cancelled") else text


def _middle(task: Json) -> str:
    if task["state"] in ("pending", "ready", "waiting_approval", "failed") and task.get("waiting_for"):
        return str(task["waiting_for"])
    if task["state"] == "running" and (note := (task.get("progress") or {}).get("note")):
        return f"{task['title']}: {note}"
    return str(task["title"] or task["type"])


def _right(task: Json, shown: Shown) -> str:
    """Return how far it is while it runs, what it took once it is done."""
    attempts = task["attempts"]
    again = f" attempt {len(attempts)}" if len(attempts) > 1 else ""
    if task["state"] == "running":
        return _bar(task, shown) + again
    if not attempts:
        return ""
    first, last = attempts[0], attempts[-1]
    took = _elapsed(first["started_at"], last["finished_at"], shown.now)
    cost = f"{dollars(task['cost_usd']):>9}" if task.get("model") else " " * 9
    tokens = f"{_thousands(task['tokens']['output']):>7} tok" if task.get("model") else ""
    return f"{duration(took):>6} {cost}{shown.paint(tokens, 'dim')}{again}"


def _bar(task: Json, shown: Shown) -> str:
    progress = task.get("progress") or {}
    since = task["attempts"][-1]["started_at"] if task["attempts"] else None
    took = f"{duration(_elapsed(since, None, shown.now)):>6}" if since else " " * 6
    fraction = progress.get("fraction")
    if fraction is None:
        written = shown.written.get(task["key"], 0)
        return took + (f"  {_thousands(written)} characters" if written else "")
    full = round(max(0.0, min(1.0, float(fraction))) * _BAR)
    return f"{took} {shown.paint('█' * full, 'blue')}{shown.paint('░' * (_BAR - full), 'dim')} {float(fraction):>4.0%}"


def _elapsed(since: str | None, until: str | None, now: datetime) -> float:
    if since is None:
        return 0.0
    end = datetime.fromisoformat(until) if until else now
    return max(0.0, (end - datetime.fromisoformat(since)).total_seconds())


def _thousands(count: int) -> str:
    return str(count) if count < 10_000 else f"{count / 1000:.0f}k"
