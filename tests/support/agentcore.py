"""A double of AgentCore at the wire: its two planes on one address, and a journal of what they were asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote

ARN = "arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/"


@dataclass
class Double:
    """What it was asked, and what it has."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    runtimes: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_token: dict[str, str] = field(default_factory=dict)
    fails: list[int] = field(default_factory=list)
    """Statuses of the next answers."""
    streams: bool = False

    def settings(self) -> dict[str, str]:
        """As an operator would name it."""
        return {
            "region": "us-west-2", "image": "123.dkr.ecr/agent:1", "role_arn": "arn:aws:iam::123:role/agent",
            "access_key": "AKIDEXAMPLE", "secret_key": "not-a-secret", "control_url": self.url, "data_url": self.url,
        }  # fmt: skip

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """A runtime; the same one for the same token."""
        name = self.by_token.setdefault(body["clientToken"], f"{body['agentRuntimeName']}-abc")
        self.runtimes[name] = body
        return {"agentRuntimeArn": ARN + name, "agentRuntimeId": name, "agentRuntimeVersion": "1", "status": "CREATING"}


def _handler(double: Double) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(sent or b"{}")
            headers = {name.lower(): value for name, value in self.headers.items()}
            double.asked.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
            if double.fails:
                self._say(double.fails.pop(0), b"{}", error="ThrottlingException:x")
            elif self.command == "PUT" and self.path == "/runtimes/":
                self._say(202, json.dumps(double.create(body)).encode())
            elif self.command == "DELETE":
                known = double.runtimes.pop(unquote(self.path.split("/")[2]), None)
                self._say(202 if known else 404, b"{}")
            elif double.streams:
                self._say(200, b'data: "You "\n\ndata: "said it"\n\n', kind="text/event-stream")
            else:
                self._say(200, json.dumps({"result": f"You said {body['prompt']}"}).encode())

        do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - the server's names

        def _say(self, status: int, body: bytes, *, kind: str = "application/json", error: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if error:
                self.send_header("x-amzn-ErrorType", error)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def running() -> Iterator[Double]:
    """The double, until the block ends."""
    double = Double()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(double))
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
