"""Every request that reached the provider's paths, in order, with exact counts.

An entry is opened when its request has been received whole and closed when its reply is over, so requests in
flight are seen too. Memory is bounded; the counts are not. Keys and other headers are never kept.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

KEPT = 100_000
MODEL_PATHS = frozenset({"/v1/messages", "/v1/chat/completions", "/v1/responses", "/v1/audio/transcriptions"})

Outcome = Literal["open", "answered", "error", "cut", "client_gone"]


def asks_a_model(method: str, path: str) -> bool:
    """Whether a request asks a model for something (and costs money at a real provider)."""
    return method == "POST" and path in MODEL_PATHS


@dataclass(kw_only=True, slots=True)
class Entry:
    """One request and what became of it."""

    n: int
    at: str
    method: str
    path: str
    provider: str | None = None
    """Whose wire was spoken: anthropic or openai."""
    received: int = 0
    """How large the request was, in bytes of body."""
    request_id: str | None = None
    """The caller's own id of the call, from its X-Nexus-Request-Id header."""
    response_id: str | None = None
    model: str | None = None
    kind: str | None = None
    """The kind of work that the prompt asks for, where it names one."""
    status: int | None = None
    outcome: Outcome = "open"
    usage: dict[str, int] | None = None
    """What the reply says, or was about to say when it was cut."""
    streamed: bool = False
    bytes: int = 0
    prompt_sha256: str | None = None
    prompt_head: str | None = None
    scenario: str | None = None

    def shown(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class Journal:
    """What was received. With a file, every closed entry is also a line of JSON there."""

    def __init__(self, *, path: Path | None = None, kept: int = KEPT) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._path = path
        self._file: TextIO | None = None
        self._torn = False
        self._all = 0
        self._model_requests = 0
        if path is not None:
            self._recall(path)
            self._file = path.open("a", encoding="utf-8")
            if self._torn:
                self._file.write("\n")

    def open(self, *, method: str, path: str, request_id: str | None) -> Entry:
        """Write down that a request has arrived."""
        self._count(method, path)
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entry = Entry(n=self._all, at=at, method=method, path=path, request_id=request_id)
        self._entries.append(entry)
        return entry

    def close(self, entry: Entry, *, outcome: Outcome, sent: int) -> None:
        """Write down how its reply ended."""
        entry.outcome = outcome
        entry.bytes = sent
        if self._file is not None:
            self._file.write(json.dumps(entry.shown(), ensure_ascii=False) + "\n")
            self._file.flush()

    def entries(self, *, after: int = 0, limit: int | None = None, **equal: str) -> list[dict[str, Any]]:
        """Entries numbered above `after`, oldest first, whose fields are as in `equal`."""
        found = []
        for entry in reversed(self._entries):
            if entry.n <= after:
                break
            if all(str(getattr(entry, name)) == value for name, value in equal.items()):
                found.append(entry.shown())
        found.reverse()
        return found[:limit]

    def count(self) -> dict[str, int]:
        """Exact totals since the start (or since the journal was last emptied)."""
        return {"model_requests": self._model_requests, "all": self._all}

    def clear(self) -> None:
        """Forget everything, the file's lines too."""
        self._entries.clear()
        self._all = self._model_requests = 0
        if self._file is not None:
            self._file.truncate(0)

    def shut(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _count(self, method: str, path: str) -> None:
        self._all += 1
        if asks_a_model(method, path):
            self._model_requests += 1

    def _recall(self, path: Path) -> None:
        # A sandbox that is started again on the same file goes on counting where the last one stopped.
        # A line that was cut by a crash is no entry; neither is a request that was open at that moment.
        if not path.exists():
            return
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                self._torn = not line.endswith("\n")
                try:
                    entry = Entry(**json.loads(line))
                except (ValueError, TypeError):
                    continue
                self._count(entry.method, entry.path)
                self._all = max(self._all, entry.n)
                self._entries.append(entry)
