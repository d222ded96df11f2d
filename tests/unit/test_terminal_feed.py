"""The event stream as the terminal reads it: from a real socket that is cut."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from apps.terminal.client import Client
from apps.terminal.exits import NOT_ALLOWED, TerminalError
from apps.terminal.feed import Feed, messages
from apps.terminal.place import Address

LAST = 6


class Cutting(BaseHTTPRequestHandler):
    """Tells two events per connection and hangs up in the middle of the next; an event of before comes twice."""

    asked_after: list[int]

    def do_GET(self) -> None:
        after = int(self.headers["Last-Event-ID"])
        self.asked_after.append(after)
        if self.headers["Authorization"] != "Bearer right":
            body = json.dumps({"detail": "The API key is not valid."}).encode()
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_response(200)
        self.end_headers()
        for seq in range(max(after, 1), min(after + 2, LAST) + 1):
            self.wfile.write(f'id: {seq}\nevent: task.started\ndata: {{"seq": {seq}}}\n\n: keep-alive\n\n'.encode())
        self.wfile.write(b'event: delta\ndata: {"task": "plan", "delta": "words"}\n\n')
        if after + 2 >= LAST:
            self.wfile.write(b'event: done\ndata: {"last_seq": 6}\n\n')
        else:
            self.wfile.write(f"id: {after + 3}\nevent: task.started\nda".encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Cutting.asked_after = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Cutting)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def feed_of(server: ThreadingHTTPServer, *, key: str) -> Feed:
    return Feed(Client(Address(f"http://127.0.0.1:{server.server_port}", key)), "WO-20261122-0001")


def test_a_stream_that_is_cut_goes_on_where_it_was_and_nothing_comes_twice(server: ThreadingHTTPServer) -> None:
    feed, told = feed_of(server, key="right"), []
    while (message := feed.next(within=10)) is not None:
        told.append(message)
        if message.kind == "done":
            break
    assert [message.data["seq"] for message in told if "seq" in message.data] == [1, 2, 3, 4, 5, 6]
    assert told[-1].data == {"last_seq": 6}
    assert Cutting.asked_after == [0, 2, 4]
    assert any(message.kind == "delta" and message.data["delta"] == "words" for message in told)


def test_a_refusal_is_the_end_and_is_told(server: ThreadingHTTPServer) -> None:
    feed = feed_of(server, key="wrong")
    with pytest.raises(TerminalError, match="key is not valid") as refused:
        feed.next(within=10)
    assert refused.value.code == NOT_ALLOWED


def test_silence_is_not_an_end(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    feed = feed_of(server, key="right")
    assert feed.next(within=0.05) is None


def test_lines_become_messages() -> None:
    lines = [
        b"retry: 3000\n",
        b"\n",
        b": hi\n",
        b"\n",
        b"id: 4\r\n",
        b"event: done\r\n",
        b"data: {}\r\n",
        b"\r\n",
        b"data: cut",
    ]
    assert list(messages(lines)) == [("done", 4, "{}")]
    two = [b"data: one\n", b"data: two\n", b"\n"]
    assert list(messages(two)) == [("message", None, "one\ntwo")]
