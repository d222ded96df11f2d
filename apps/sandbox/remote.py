"""The control side of a sandbox, from its client's side: for tests, wherever the sandbox runs."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode


class Remote:
    """A sandbox that listens at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        # Proxies from the environment are for the world outside, not for a neighbour on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def script(self, *, times: int | None = 1, match: dict[str, Any] | None = None, **do: Any) -> dict[str, Any]:
        """Queue a scenario: `script(status=529, times=3, match={"contains": "…"})`."""
        made = self._ask("POST", "/scenarios", {"match": match or {}, "times": times, "do": do})
        assert isinstance(made, dict)
        return made

    def play(
        self, *turns: dict[str, Any], match: dict[str, Any] | None = None, times: int | None = None
    ) -> dict[str, Any]:
        """Queue what is said turn by turn: `play({"tool_calls": […]}, {"text": "Done."}, match={"contains": "…"})`.

        Which turn it is, a request shows by how often the assistant spoke since the user's words in `contains`. What
        comes after the last turn is the sandbox's own.
        """
        made = self._ask("POST", "/scenarios", {"match": match or {}, "times": times, "turns": list(turns)})
        assert isinstance(made, dict)
        return made

    def scenarios(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/scenarios"))

    def forget_scenarios(self) -> None:
        self._ask("DELETE", "/scenarios")

    def forget_memory(self) -> None:
        """Forget cached prompts and stored responses."""
        self._ask("DELETE", "/memory")

    def journal(self, **query: Any) -> list[dict[str, Any]]:
        """Entries, oldest first: `journal(after=10, request_id="…")`."""
        return list(self._ask("GET", "/journal" + (f"?{urlencode(query)}" if query else "")))

    def count(self) -> int:
        """How many model requests were received."""
        return int(self._ask("GET", "/journal/count")["model_requests"])

    def forget_journal(self) -> None:
        self._ask("DELETE", "/journal")

    def set(self, **settings: float) -> None:
        """Set `latency_ms`, `chunk_ms`."""
        self._ask("POST", "/settings", settings)

    def is_up(self) -> bool:
        try:
            return bool(self._ask("GET", "/healthz")["status"] == "ok")
        except OSError:
            return False

    def last(self, *, within: float = 5.0) -> dict[str, Any]:
        """The last entry, once its reply is over."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            entries = self.journal()
            if entries and entries[-1]["outcome"] != "open":
                return dict(entries[-1])
            time.sleep(0.01)
        raise TimeoutError("the last request is still open")

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)  # noqa: S310 - a URL of our own
        try:
            with self._opener.open(request, timeout=10) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(json.load(error)["error"]) from error
