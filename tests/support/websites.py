"""A web server that answers what a test tells it, and a world in which its names and addresses are public."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from agents.safe_http.client import SafeHttp

PUBLIC = "93.184.216.34"
ELSEWHERE = "8.8.4.4"


def page(body: bytes = b"hello", *, status: int = 200, **headers: str) -> bytes:
    """An answer as it travels."""
    told = {"content-type": "text/plain", "content-length": str(len(body))}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body


def moved(to: str, status: int = 302) -> bytes:
    """A redirect."""
    return page(b"", status=status, location=to)


@dataclass
class World:
    """Names, the addresses they have, and one real server behind all of them."""

    port: int
    pages: dict[str, bytes | Callable[[socket.socket], None]] = field(default_factory=dict)
    """Path -> what is answered, or who speaks."""
    names: dict[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    """Name -> its addresses at each look-up, the last one for ever; any other name is PUBLIC."""
    asked: list[str] = field(default_factory=list)
    """Every request, whole."""
    looked_up: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    """With it, everything is served over TLS."""

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """A resolver double: a name may have other addresses each time."""
        answers = self.names.get(host, [[PUBLIC]])
        before = self.looked_up.count(host)
        self.looked_up.append(host)
        return answers[min(before, len(answers) - 1)]

    def dial(self, address: str, port: int, timeout: float) -> socket.socket:
        """Every address leads to the one server; which was dialled is kept."""
        self.dialled.append((address, port))
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def client(self, **given: object) -> SafeHttp:
        """The client in this world."""
        return SafeHttp(resolver=self.resolve, dialer=self.dial, **given)  # type: ignore[arg-type]

    def _secured(self, link: socket.socket) -> socket.socket:
        if self.tls is None:
            return link
        with contextlib.ExitStack() as refused:
            refused.callback(link.close)
            secure = self.tls.wrap_socket(link, server_side=True)
            refused.pop_all()
            return secure

    def serve(self, taken: socket.socket) -> None:
        """Read one request and answer it."""
        taken.settimeout(20)
        with contextlib.suppress(OSError), self._secured(taken) as link:
            got = b""
            while b"\r\n\r\n" not in got:
                piece = link.recv(65_536)
                if not piece:
                    return
                got += piece
            head = got.partition(b"\r\n\r\n")[0].decode("latin-1")
            length = [
                line.partition(":")[2] for line in head.split("\r\n") if line.lower().startswith("content-length")
            ]
            while length and len(got.partition(b"\r\n\r\n")[2]) < int(length[0]):
                got += link.recv(65_536)
            self.asked.append(got.decode("latin-1"))
            said = self.pages.get(head.split(" ")[1], page(b"nothing here", status=404))
            said(link) if callable(said) else link.sendall(said)


@contextlib.contextmanager
def world() -> Iterator[World]:
    """A running server."""
    listening = socket.create_server(("127.0.0.1", 0))
    made = World(port=listening.getsockname()[1])

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = listening.accept()
                threading.Thread(target=made.serve, args=(link,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)
