"""What a URL may look like. Pure.

Strict on purpose: where two readers of a URL disagree about its host, one of them checks and the other connects.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal, cast
from urllib.parse import quote

from .errors import FetchRefused

LONGEST = 4_096
PORTS = {"http": 80, "https": 443}
SHAPE = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE)
BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::([0-9]{1,5}))?")
NAMED = re.compile(r"([^:\[\]]+)(?::([0-9]{1,5}))?")
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
PATH_KEEPS = "/?%:@!$&'()*+,;=-._~[]"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A URL that may be asked, as far as its looks go."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str
    """With the query."""
    is_address: bool

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Whom it is said to."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """As it is asked."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse(url: str, *, ports: Collection[int] = (80, 443)) -> Target:
    """Read a URL; raise FetchRefused, with what is wrong with it."""
    if len(url) > LONGEST:
        raise FetchRefused(f"The URL is longer than {LONGEST} characters")
    if any(sign <= " " or sign in {"\x7f", "\\"} for sign in url):
        raise FetchRefused("The URL has a space, a control character or a backslash in it")
    shape = SHAPE.fullmatch(url)
    if shape is None:
        raise FetchRefused("Only http:// and https:// are asked")
    scheme = cast(Literal["http", "https"], shape[1].lower())
    host, told_port = _authority(shape[2])
    is_address = _checked(host)
    port = int(told_port) if told_port else PORTS[scheme]
    if port not in ports:
        raise FetchRefused(f"Port {port} is not asked")
    rest = shape[3] if shape[3].startswith("/") else "/" + shape[3]
    path = quote(rest, safe=PATH_KEEPS)
    return Target(scheme=scheme, host=host, port=port, path=path, is_address=is_address)


def _authority(authority: str) -> tuple[str, str | None]:
    if "@" in authority:
        raise FetchRefused("A URL with a user in it is not asked")
    if not authority.isascii() or "%" in authority:
        raise FetchRefused("The host is written in plain ASCII, or it is not asked")
    found = BRACKETED.fullmatch(authority) or NAMED.fullmatch(authority)
    if found is None:
        raise FetchRefused("The URL has no host that can be read")
    return found[1].lower(), found[2]


def _checked(host: str) -> bool:
    """Whether the host is an address; raise FetchRefused where it is neither that nor a name of the public internet."""
    if ":" in host:
        return _is_ip6(host)
    if host.endswith("."):
        raise FetchRefused("A host that ends in a dot is not asked")
    labels = host.split(".")
    if NUMERIC.fullmatch(labels[-1]):
        return _is_ip4(host)
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise FetchRefused("The host is no name")
    if any(label.startswith("xn--") for label in labels):
        raise FetchRefused("A host that is written to look like another is not asked")
    if len(labels) < 2 or labels[-1] in ("localhost", "local", "internal", "arpa", "onion"):
        raise FetchRefused("The host is no name of the public internet")
    return False


def _is_ip4(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host  # octal, hexadecimal, short and long forms are no addresses here
    except ValueError:
        raise FetchRefused("An address is written as four plain numbers") from None


def _is_ip6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        raise FetchRefused("The address cannot be read") from None
    return True
