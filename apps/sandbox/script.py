"""A script: what the sandbox does with one request, in place of the usual."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

from apps.sandbox import faults

How = Literal["close", "reset", "stall", "end", "error"]
BeforeHeaders = Literal["close", "reset", "stall"]
Malformed = Literal[
    "truncated_json",
    "invalid_utf8",
    "no_event_line",
    "giant_line",
    "unknown_event",
    "duplicate_event",
    "swapped_events",
    "crlf",
    "comments",
    "empty_data",
    "no_end",
    "pings_only",
]
Quirk = Literal["empty_finish_reason", "id_per_chunk", "arguments_as_objects", "no_call_ids", "no_done", "no_limits"]
UsageWord = Literal["missing", "zero", "absurd"]


class BadScenario(ValueError):
    """The scenario is not one that the sandbox knows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """What the sandbox does with one request. Everything left out is as usual."""

    fault: str | None = None
    """One of faults.py, by its name; what else is said here goes before it."""
    latency_ms: float | None = None
    chunk_ms: float | None = None
    before_headers: BeforeHeaders | None = None
    """Break before a single byte of the reply: close, reset, or stall."""
    status: int | None = None
    """Answer with this status; from 400 on with an error body of the provider's shape."""
    error: dict[str, Any] | None = None
    """`{"type", "message", "details", "code", "param"}` of that error body, or of the error event in a stream."""
    body: str | None = None
    """Send exactly this body (with `content_type`), whatever was asked."""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: str | int | float | None = None
    gzip: bool = False
    split_bytes: int | None = None
    """Send a stream in pieces of so many bytes, wherever that cuts it."""
    as_stream: bool | None = None
    """Stream, or do not, whatever was asked."""
    quirks: list[Quirk] | Literal["local"] | None = None
    """Differ from the provider as servers on one's own machine do; `local` is all of that."""
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
    """Answer with exactly these content blocks (of the Messages API, on every wire)."""
    tool_calls: list[dict[str, Any]] | None = None
    """Call these tools, known to the request or not: `[{"name", "input"}]`, or `"raw"`: arguments as they are."""
    thinking: list[dict[str, str]] | None = None
    """Think exactly this before: `[{"text"}, {"redacted"}]`; empty for no thought at all."""
    stop_reason: str | None = None
    refuse: bool = False

    @property
    def oddities(self) -> frozenset[Quirk]:
        """The quirks, one by one."""
        return frozenset(get_args(Quirk) if self.quirks == "local" else self.quirks or ())

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
NUMBERS = ("split_bytes", "latency_ms", "chunk_ms", "stall_ms", "status", "malformed_after_events")


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
    if name == "fault" and value is not None and value not in faults.NAMES:
        raise BadScenario(f"`fault` is one of {', '.join(sorted(faults.NAMES))}")
    quirks = value if isinstance(value, list) else [] if value in (None, "local") else [value]
    if name == "quirks" and not set(quirks) <= set(get_args(Quirk)):
        raise BadScenario(f"`quirks` is local, or a list of {', '.join(get_args(Quirk))}")
    counts = name in NUMBERS or "_after_" in name
    if counts and value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
        raise BadScenario(f"`{name}` is a number, 0 or more")
    if name == "status" and value is not None and not 200 <= int(str(value)) <= 599:
        raise BadScenario("`status` is between 200 and 599")


def meant(what: Script, provider: str) -> Script:
    """The script with its fault, if it names one, put into what that is with this provider."""
    if what.fault is None:
        return what
    said = {entry.name: getattr(what, entry.name) for entry in fields(Script)}
    own = {name: value for name, value in said.items() if value != getattr(USUAL, name)}
    return replace(script(faults.do(what.fault, provider)), **own)
