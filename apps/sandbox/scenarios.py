"""What shall go wrong (or be said), for which request, how often.

A script comes with one request, in its `x-scenario` header, or lies in the queue until requests match it.
The queue is served in order: the first scenario that matches a request applies to it and is spent by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

How = Literal["close", "reset", "stall", "end", "error"]
BeforeHeaders = Literal["close", "reset", "stall"]
Malformed = Literal["truncated_json", "invalid_utf8", "no_event_line", "giant_line", "unknown_event"]
UsageWord = Literal["missing", "zero", "absurd"]


class BadScenario(ValueError):
    """The scenario is not one that the sandbox knows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """What the sandbox does with one request. Everything left out is as usual."""

    latency_ms: float | None = None
    chunk_ms: float | None = None
    before_headers: BeforeHeaders | None = None
    """Break before a single byte of the reply: close, reset, or stall."""
    status: int | None = None
    """Answer with this status; from 400 on with an error body of the provider's shape."""
    error: dict[str, Any] | None = None
    """`{"type", "message", "details"}` of that error body, or of the error event in a stream."""
    body: str | None = None
    """Send exactly this body (with `content_type`), whatever was asked."""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: str | int | float | None = None
    gzip: bool = False
    close_after_bytes: int | None = None
    close_after_events: int | None = None
    reset_after_bytes: int | None = None
    reset_after_events: int | None = None
    stall_after_bytes: int | None = None
    stall_after_events: int | None = None
    stall_ms: float = 600_000
    """How long a stall lasts before the connection is closed."""
    end_after_bytes: int | None = None
    """End the body there, properly: a truncation that looks complete to HTTP."""
    end_after_events: int | None = None
    error_after_events: int | None = None
    malformed: Malformed | None = None
    malformed_after_events: int = 3
    usage: UsageWord | dict[str, Any] | None = None
    text: str | None = None
    """Say exactly this, in place of the sandbox's own words."""
    data: Any = None
    """Say this as JSON (which need not fit the schema asked for)."""
    content: list[dict[str, Any]] | None = None
    """Answer with exactly these content blocks."""
    tool_calls: list[dict[str, Any]] | None = None
    """Call these tools: `[{"name", "input"}]`, known to the request or not."""
    stop_reason: str | None = None
    refuse: bool = False

    @property
    def breaking_point(self) -> tuple[How, Literal["bytes", "events"], int] | None:
        """How and where the reply breaks, or None."""
        for how in get_args(How):
            for unit in ("bytes", "events"):
                at = getattr(self, f"{how}_after_{unit}", None)
                if at is not None:
                    return how, unit, at
        return None


USUAL = Script()
KNOWN = {entry.name for entry in fields(Script)}
ALIASES = {"cut_after_bytes": "close_after_bytes", "cut_after_events": "close_after_events"}
CHOICES = {"before_headers": BeforeHeaders, "malformed": Malformed}
NUMBERS = ("latency_ms", "chunk_ms", "stall_ms", "status", "malformed_after_events")


def script(do: object) -> Script:
    """Read a script; raise BadScenario, naming what is not known."""
    if not isinstance(do, dict):
        raise BadScenario("a scenario's `do` is an object")
    named: dict[str, Any] = {ALIASES.get(str(name), str(name)): value for name, value in do.items()}
    if unknown := sorted(set(named) - KNOWN):
        raise BadScenario(f"unknown in `do`: {', '.join(unknown)}; known: {', '.join(sorted(KNOWN))}")
    for name, value in named.items():
        _check(name, value)
    return Script(**named)


def _check(name: str, value: object) -> None:
    if name in CHOICES and value is not None and value not in get_args(CHOICES[name]):
        raise BadScenario(f"`{name}` is one of {', '.join(get_args(CHOICES[name]))}")
    if name == "usage" and isinstance(value, str) and value not in get_args(UsageWord):
        raise BadScenario(f"`usage` is an object or one of {', '.join(get_args(UsageWord))}")
    counts = name in NUMBERS or "_after_" in name
    if counts and value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
        raise BadScenario(f"`{name}` is a number, 0 or more")
    if name == "status" and value is not None and not 200 <= int(str(value)) <= 599:
        raise BadScenario("`status` is between 200 and 599")


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a scenario may look at in a request."""

    path: str
    model: str | None
    prompt: str
    request_id: str | None
    streamed: bool


@dataclass(kw_only=True, slots=True)
class Scenario:
    """One entry of the queue. `left` is None where it applies without end."""

    id: str
    match: dict[str, Any]
    left: int | None
    do: dict[str, Any]
    script: Script
    seen: int = 0
    applied: int = 0

    def fits(self, subject: Subject) -> bool:
        """Whether the request is of the kind that is meant (`nth` aside)."""
        wanted = self.match
        return (
            wanted.get("path", "/v1/messages") == subject.path
            and wanted.get("model", subject.model) == subject.model
            and wanted.get("request_id", subject.request_id) == subject.request_id
            and wanted.get("streamed", subject.streamed) == subject.streamed
            and str(wanted.get("contains", "")) in subject.prompt
        )

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "match": self.match,
            "left": self.left,
            "do": self.do,
            "seen": self.seen,
            "applied": self.applied,
        }


MATCH_KEYS = {"path", "model", "request_id", "streamed", "contains", "nth"}


class Queue:
    """The scenarios that wait for their requests, first come first served."""

    def __init__(self) -> None:
        self._waiting: list[Scenario] = []
        self._made = 0

    def add(self, asked: object) -> Scenario:
        """Queue `{"match": {…}, "times": n, "do": {…}}`; `times` null means for ever."""
        if not isinstance(asked, dict) or not set(asked) <= {"match", "times", "do"}:
            raise BadScenario("a scenario is an object of `match`, `times` and `do`")
        match, times = asked.get("match") or {}, asked.get("times", 1)
        if not isinstance(match, dict) or not set(match) <= MATCH_KEYS:
            raise BadScenario(f"`match` is an object of {', '.join(sorted(MATCH_KEYS))}")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise BadScenario("`times` is 1 or more, or null")
        do = asked.get("do", {})
        checked = script(do)
        self._made += 1
        scenario = Scenario(id=f"s{self._made}", match=match, left=times, do=do, script=checked)
        self._waiting.append(scenario)
        return scenario

    def take(self, subject: Subject) -> Scenario | None:
        """The scenario for this request, spent by one, or None."""
        for scenario in self._waiting:
            if not scenario.fits(subject):
                continue
            scenario.seen += 1
            if scenario.seen < int(scenario.match.get("nth", 1)):
                continue
            scenario.applied += 1
            if scenario.left is not None:
                scenario.left -= 1
                if scenario.left == 0:
                    self._waiting.remove(scenario)
            return scenario
        return None

    def shown(self) -> list[dict[str, Any]]:
        return [scenario.shown() for scenario in self._waiting]

    def clear(self, scenario_id: str | None = None) -> int:
        """Forget one scenario, or all; return how many."""
        before = len(self._waiting)
        self._waiting = [s for s in self._waiting if scenario_id is not None and s.id != scenario_id]
        return before - len(self._waiting)
