"""A payment server, as a process of its own: it charges, honours keys where it is told to, and keeps a journal.

POST /charges       {"amount", "note"}: charges; a note of "declined" is 402, one of "cut" is charged and never answered
GET /journal        every request that it received, and whether it charged
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

import httpx2

from .loopback import NOBODY
from .stack import ROOT, Process

JOURNAL: list[dict[str, Any]] = []
CHARGES: dict[str, dict[str, Any]] = {}
LOCK = Lock()


class Payments:
    """What a test knows of the server."""

    def __init__(self, url: str) -> None:
        """It answers at `url`."""
        self.url = url

    def journal(self) -> list[dict[str, Any]]:
        """Every request."""
        return list(httpx2.get(f"{self.url}/journal", trust_env=False, verify=NOBODY).json())

    def charged(self) -> int:
        """How often money was taken."""
        return sum(entry["charged"] for entry in self.journal())


@contextlib.contextmanager
def payments(*, honours_keys: bool = False) -> Iterator[Payments]:
    """A running payment server."""
    argv = [sys.executable, "-m", "tests.support.payments", *(["--honours-keys"] if honours_keys else [])]
    server = Process("payments", argv, {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"})
    try:
        yield Payments(json.loads(server.says('"url"'))["url"])
    finally:
        server.kill()


class Counter(BaseHTTPRequestHandler):
    """One request."""

    honours_keys = False
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The journal."""
        with LOCK:
            self._answer(200, JOURNAL)

    def do_POST(self) -> None:
        """A charge."""
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers["Idempotency-Key"]
        with LOCK:
            known = self.honours_keys and key in CHARGES
            charged = order["note"] != "declined" and not known
            JOURNAL.append({"key": key, "charged": charged, **order})
            if charged:
                CHARGES[key] = {"charge": len(CHARGES) + 1, "amount": order["amount"]}
        if order["note"] == "cut":
            self.close_connection = True
        elif order["note"] == "declined":
            self._answer(402, {"declined": True})
        else:
            self._answer(200, CHARGES[key])

    def _answer(self, status: int, body: Any) -> None:
        written = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Counter.honours_keys = "--honours-keys" in sys.argv
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)  # noqa: T201 — its whole word
    server.serve_forever()
