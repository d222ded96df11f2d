"""The proxy does to a line what its methods say."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.chaos.proxy import Proxy
from tests.chaos.stage import pause


@contextlib.contextmanager
def echoing(prefix: bytes = b"") -> Iterator[str]:
    """A server that answers what it hears; its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = server.accept()
                threading.Thread(target=answer, args=(link,), daemon=True).start()

    def answer(link: socket.socket) -> None:
        with contextlib.suppress(OSError), link:
            while heard := link.recv(4096):
                link.sendall(prefix + heard)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}/0"
    finally:
        server.close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with echoing() as url, Proxy(url, dice=random.Random(1)) as made:
        yield made


def link(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def said(line: socket.socket, words: bytes) -> bytes:
    line.sendall(words)
    return line.recv(4096)


def silent(line: socket.socket, words: bytes) -> bool:
    line.settimeout(0.2)
    with contextlib.suppress(TimeoutError):
        return not said(line, words)
    line.settimeout(5)
    return True


def test_it_passes_and_its_address_is_the_servers_but_for_the_port(proxy):
    assert proxy.url == f"tcp://127.0.0.1:{proxy.port}/0"
    with link(proxy) as line:
        assert said(line, b"hello") == b"hello"


def test_what_was_sent_into_a_blackhole_arrives_when_it_closes(proxy):
    with link(proxy) as line:
        assert said(line, b"a") == b"a"
        proxy.blackhole()
        assert silent(line, b"b")
        proxy.passing()
        assert line.recv(10) == b"b"


def test_a_half_open_link_stays_silent_and_a_new_one_works(proxy):
    with link(proxy) as old:
        assert said(old, b"a") == b"a"
        assert proxy.half_open() == 1
        assert silent(old, b"b")
        with link(proxy) as new:
            assert said(new, b"c") == b"c"
        proxy.passing()
        assert silent(old, b"d")


def test_who_is_cut_is_reset_and_who_is_refused_finds_nobody(proxy):
    with link(proxy) as line:
        assert said(line, b"a") == b"a"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            line.recv(10)
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        link(proxy).close()
    proxy.passing()
    with link(proxy) as line:
        assert said(line, b"a") == b"a"


def test_a_held_statement_reaches_the_server_and_its_answer_waits(proxy):
    with link(proxy) as line, link(proxy) as other:
        inside = proxy.hold(b"COMMIT")
        assert said(other, b"SELECT") == b"SELECT"
        assert silent(line, b"COMMIT")
        assert inside.wait(5)
        assert said(other, b"COMMIT") == b"COMMIT", "only the first is held"
        proxy.passing()
        assert line.recv(10) == b"COMMIT"


def test_late_pieces_are_late_and_in_order(proxy):
    proxy.late(by=0.1, give_or_take=0.09, lost=0.5)
    with link(proxy) as line:
        began = time.monotonic()
        for number in range(10):
            line.sendall(b"%d" % number)
            pause(0.01)
        heard = b""
        while len(heard) < 10:
            heard += line.recv(10)
    assert heard == b"0123456789"
    assert time.monotonic() - began > 0.2


def test_new_links_lead_where_the_switch_points(proxy):
    with echoing(b"new ") as url:
        proxy.switch(url)
        with link(proxy) as line:
            assert said(line, b"x") == b"new x"
