"""Ask an address that somebody else named: check, connect, ask, follow redirects by hand."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urljoin

from . import dialing, urls
from .addresses import Network, networks
from .dialing import Dial, Resolve
from .errors import FetchFailed, FetchRefused
from .exchange import Asking, Said, exchange
from .urls import Target

REDIRECTS = (301, 302, 303, 307, 308)
TRAVELS = ("accept", "accept-language", "user-agent")
"""Headers that a redirect to another place may see; no credentials are among them."""
AGENT = "Nexus"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Seconds and bytes of one fetch, redirects included."""

    connect: float = 5.0
    total: float = 30.0
    bytes: int = 2_000_000
    redirects: int = 5
    """0: a redirect is an answer like any other."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    url: str
    """Where it came from, after redirects."""
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    cut: bool
    """There was more than the limit."""


@dataclass(frozen=True, kw_only=True)
class SafeHttp:
    """The client. `allowed` are networks of the operator's own that may be asked though they are not public."""

    allowed: Sequence[Network] = ()
    ports: Sequence[int] = (80, 443)
    resolver: Resolve = dialing.resolve
    dialer: Dial = dialing.dial
    tls: ssl.SSLContext | None = None

    def fetch(
        self, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b"",
        limits: Limits | None = None,
    ) -> Answer:  # fmt: skip
        """Ask `url`. Raise FetchRefused for what is not asked, FetchFailed where no answer came."""
        bound = limits or Limits()
        until = time.monotonic() + bound.total
        target = urls.parse(url, ports=self.ports)
        asking = Asking(
            method=method.upper(), headers={"user-agent": AGENT, "accept": "*/*", **(headers or {})}, body=body
        )
        for left in reversed(range(bound.redirects + 1)):
            said = self._ask(target, asking, bound, lambda: _remaining(until))
            location = said.headers.get("location")
            if said.status not in REDIRECTS or location is None or not bound.redirects:
                return Answer(url=target.url, status=said.status, headers=said.headers, body=said.body, cut=said.cut)
            if left:
                target, asking = self._redirected(target, asking, said.status, location)
        raise FetchFailed(f"More than {bound.redirects} redirects", sent=True)

    def _ask(self, target: Target, asking: Asking, bound: Limits, remaining: Callable[[], float]) -> Said:
        def connecting() -> float:
            return min(bound.connect, remaining())

        found = dialing.checked(target, resolver=self.resolver, allowed=self.allowed, within=connecting())
        link = dialing.connected(found, target.port, dialer=self.dialer, remaining=connecting)
        try:
            link = self._secured(link, target, connecting())
            return exchange(link, target, asking, most=bound.bytes, remaining=remaining)
        finally:
            dialing.hang_up(link)

    def _secured(self, link: socket.socket, target: Target, within: float) -> socket.socket:
        if target.scheme == "http":
            return link
        link.settimeout(within)
        try:
            # The certificate is the name's, not the address's.
            return (self.tls or _tls()).wrap_socket(link, server_hostname=target.host)
        except OSError as error:
            dialing.hang_up(link)
            raise FetchFailed(f"No secure connection to {target.host}: {error}") from None

    def _redirected(self, target: Target, asking: Asking, status: int, location: str) -> tuple[Target, Asking]:
        if not location.isascii() or any(sign <= " " or sign == "\\" for sign in location):
            raise FetchRefused("A redirect to what cannot be read is not followed")
        there = urls.parse(urljoin(target.url, location), ports=self.ports)
        if target.scheme == "https" and there.scheme == "http":
            raise FetchRefused("A redirect from https to http is not followed")
        if status == 303 or (status in (301, 302) and asking.method == "POST"):
            asking = replace(asking, method="GET" if asking.method != "HEAD" else "HEAD", body=b"")
        if there.origin == target.origin:
            return there, asking
        if asking.body:
            raise FetchRefused("A redirect that would take what is sent to another place is not followed")
        kept = {name: value for name, value in asking.headers.items() if name.lower() in TRAVELS}
        return there, replace(asking, headers=kept)


def _remaining(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise FetchFailed("No whole answer in time", sent=True)
    return left


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def client() -> SafeHttp:
    """The client as the operator has set it."""
    from django.conf import settings

    return SafeHttp(allowed=networks(settings.NEXUS_HTTP_ALLOW), ports=tuple(settings.NEXUS_HTTP_PORTS))
