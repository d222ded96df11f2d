"""Requests to addresses that others name: how long they take, and how large they may become."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
import zlib

import pytest

from agents.safe_http import dialing
from agents.safe_http.bodies import Body
from agents.safe_http.client import Limits, SafeHttp
from agents.safe_http.errors import FetchFailed, FetchRefused
from tests.support.websites import page, world


@pytest.fixture
def web():
    with world() as made:
        made.pages["/"] = page()
        yield made


def test_more_than_the_limit_is_cut(web):
    web.pages["/"] = page(b"x" * 100_000)
    answer = web.client().fetch("http://example.com/", limits=Limits(bytes=1000))
    assert (answer.body, answer.cut) == (b"x" * 1000, True)


@pytest.mark.parametrize(
    ("coding", "packed"), [("gzip", gzip.compress(b"x" * 20_000_000)), ("deflate", zlib.compress(b"x" * 20_000_000))]
)
def test_a_bomb_is_as_large_as_its_limit(web, coding, packed):
    web.pages["/"] = page(packed, content_encoding=coding)
    answer = web.client().fetch("http://example.com/", limits=Limits(bytes=10_000))
    assert (len(answer.body), answer.cut) == (10_000, True)


def test_a_bomb_takes_no_more_room_than_its_limit():
    packed = zlib.compress(b"x" * 20_000_000)
    body = Body(coding="deflate", most=10_000)
    tracemalloc.start()
    try:
        body.take(packed)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(body.whole()), body.cut) == (10_000, True)
    assert peak < 1_000_000


def test_what_is_packed_is_unpacked(web):
    web.pages["/"] = page(gzip.compress(b"small"), content_encoding="gzip")
    answer = web.client().fetch("http://example.com/")
    assert (answer.body, answer.cut) == (b"small", False)


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "zstd"])
def test_what_was_not_asked_for_is_not_unpacked(web, coding):
    web.pages["/"] = page(b"...", content_encoding=coding)
    with pytest.raises(FetchRefused):
        web.client().fetch("http://example.com/")


def test_a_broken_pack_is_refused(web):
    web.pages["/"] = page(b"no gzip at all", content_encoding="gzip")
    with pytest.raises(FetchRefused):
        web.client().fetch("http://example.com/")


def trickle(link: socket.socket) -> None:
    link.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    while True:
        link.sendall(b"x")
        time_goes_by()


def time_goes_by() -> None:
    until = time.monotonic() + 0.05
    while time.monotonic() < until:
        pass


def headers_without_end(link: socket.socket) -> None:
    link.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        link.sendall(b"x-more: " + b"y" * 1000 + b"\r\n")


def silence(link: socket.socket) -> None:
    link.recv(1)


def test_a_slow_answer_does_not_stretch_the_whole(web):
    web.pages["/"] = trickle
    began = time.monotonic()
    with pytest.raises(FetchFailed):
        web.client().fetch("http://example.com/", limits=Limits(total=0.4))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "speak", [silence, lambda link: None, lambda link: link.sendall(b"SSH-2.0-x\r\n\r\n"), headers_without_end]
)
def test_what_is_no_answer_is_a_failure(web, speak):
    web.pages["/"] = speak
    with pytest.raises(FetchFailed) as raised:
        web.client().fetch("http://example.com/", limits=Limits(total=0.5))
    assert raised.value.sent


def test_a_body_that_ends_early_is_a_failure(web):
    web.pages["/"] = page(b"short", content_length="1000")
    with pytest.raises(FetchFailed):
        web.client().fetch("http://example.com/")


@pytest.mark.parametrize(
    ("addresses", "says"), [([], "has 0 addresses"), ([f"93.184.216.{end}" for end in range(17)], "has 17 addresses")]
)
def test_a_name_has_some_addresses_and_not_too_many(web, addresses, says):
    web.names["odd.com"] = [addresses]
    with pytest.raises(FetchFailed, match=says):
        web.client().fetch("http://odd.com/")
    assert web.dialled == []


def test_a_name_that_nobody_knows_is_said_to_be_unknown():
    def nobody_knows(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(FetchFailed, match=r"odd\.com is not known: no such name"):
        SafeHttp(resolver=nobody_knows).fetch("http://odd.com/")


def test_a_look_up_that_does_not_end_is_not_waited_for():
    never = threading.Event()

    def think(host: str, port: int) -> list[str]:
        never.wait(20)
        return []

    client = SafeHttp(resolver=think)
    with pytest.raises(FetchFailed, match="could not be looked up"):
        client.fetch("http://slow.com/", limits=Limits(connect=0.05))
    never.set()


def test_a_name_is_looked_up_by_this_machine_and_what_it_finds_is_checked():
    assert "127.0.0.1" in dialing.resolve("localhost", 80)
    with socket.create_server(("127.0.0.1", 0)) as there, dialing.dial("127.0.0.1", there.getsockname()[1], 5) as link:
        assert link.getpeername() == there.getsockname()
