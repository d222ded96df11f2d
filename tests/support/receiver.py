"""A receiver of webhooks, as a process of its own: it knows the secret and the standard, and nothing of Nexus.

    python -m tests.support.receiver PORT

What it answers is told by PUT /script: a list of {"status", "headers", "body" or "bytes", "wait", "drip"}, one for each
request, the last for ever: so many bytes, after so many seconds, or for ever one byte in so many seconds.
PUT /secret tells the secret it holds.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOLERANCE = 300


def verdict(headers: Any, body: bytes, secret: str) -> str:
    """What a careful receiver says of a message: `ok`, or what is wrong with it."""
    said = [headers.get(f"webhook-{name}") or "" for name in ("id", "timestamp", "signature")]
    if not all(said):
        return "a header is missing"
    message_id, timestamp, signatures = said
    if abs(time.time() - int(timestamp)) > TOLERANCE:
        return "too old"
    kind, _, encoded = secret.partition("_")
    assert kind == "whsec"
    digest = hmac.digest(
        base64.b64decode(encoded), b".".join([message_id.encode(), timestamp.encode(), body]), "sha256"
    )
    wanted = base64.b64encode(digest).decode()
    found = [part.split(",", 1)[1] for part in signatures.split(" ") if part.startswith("v1,")]
    return "ok" if any(hmac.compare_digest(one, wanted) for one in found) else "a wrong signature"


class Receiver(BaseHTTPRequestHandler):
    """Takes messages; its settings are the class's."""

    secret = ""
    script: list[dict[str, Any]] = [{"status": 204}]
    taken: list[dict[str, Any]] = []
    lock = threading.Lock()

    def do_PUT(self) -> None:
        """Be told."""
        said = json.loads(self._body())
        with self.lock:
            if self.path == "/script":
                type(self).script = said
            elif self.path == "/secret":
                type(self).secret = said
        self._answer(204)

    def do_GET(self) -> None:
        """Tell what came."""
        with self.lock:
            self._answer(200, json.dumps(self.taken).encode())

    def do_POST(self) -> None:
        """Take a message."""
        body = self._body()
        with self.lock:
            step = self.script[0] if len(self.script) == 1 else self.script.pop(0)
            self.taken.append(
                {
                    "id": self.headers.get("webhook-id"),
                    "signatures": len((self.headers.get("webhook-signature") or "").split()),
                    "verdict": verdict(self.headers, body, self.secret) if self.secret else "no secret",
                    "body": body.decode(),
                    "path": self.path,
                }
            )
        threading.Event().wait(step.get("wait", 0))
        if "drip" in step:
            self._drip(step["status"], step["drip"])
        else:
            body = b"x" * step.get("bytes", 0) or step.get("body", "").encode()
            self._answer(step["status"], body, step.get("headers", {}))

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # who asked need not read all of it
            self.wfile.write(body)

    def _drip(self, status: int, pause: float) -> None:
        """Be an answer that never ends and never stops."""
        self.send_response(status)
        self.send_header("content-length", "1000000")
        self.end_headers()
        with contextlib.suppress(OSError):  # until who asked has had enough
            while True:
                self.wfile.write(b"x")
                threading.Event().wait(pause)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class There:
    """A running receiver, from outside."""

    port: int
    url: str

    def _ask(self, method: str, path: str, said: Any = None) -> Any:
        import httpx2

        from tests.support.loopback import NOBODY

        url = f"http://127.0.0.1:{self.port}{path}"
        answer = httpx2.request(method, url, json=said, trust_env=False, verify=NOBODY, timeout=10)
        return answer.json() if answer.content else None

    def answers(self, *script: dict[str, Any]) -> None:
        """What it shall answer from now on, one by one."""
        self._ask("PUT", "/script", list(script))

    def knows(self, secret: str) -> None:
        """The secret that it holds."""
        self._ask("PUT", "/secret", secret)

    def taken(self) -> list[dict[str, Any]]:
        """Every message that came."""
        return list(self._ask("GET", "/"))


@contextlib.contextmanager
def receiving(port: int | None = None) -> Iterator[There]:
    """The process, until the block ends."""
    import subprocess

    from nexus.embedded.ports import free_port

    chosen = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.receiver", str(chosen)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "listening"
        yield There(chosen, f"http://127.0.0.1:{chosen}/hook")
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    server.daemon_threads = True
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    server.serve_forever()
