"""Which pages may open a socket. Pure.

A browser sends cookies with a socket that any page opens, so the page's origin must be this server's own, or one
that the operator trusts by name. A program sends no Origin, and has no cookies to steal: it must bring a key.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit


def may_open(
    origin: str | None, *, host: str, allowed_hosts: Collection[str], trusted: Collection[str], key: bool
) -> bool:
    """May a socket be opened from `origin` at `host`? `key`: the caller brought a bearer key."""
    if origin is None:
        return key
    if origin in trusted:
        return True
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    if page.scheme not in ("http", "https") or page.netloc.lower() != host.lower():
        return False
    return _is_allowed(page.hostname or "", allowed_hosts)


def _is_allowed(name: str, allowed: Collection[str]) -> bool:
    """`*` allows nothing here: it would let any site open a socket."""
    named = (pattern.lower() for pattern in allowed if pattern != "*")
    return any(name == pattern or (pattern.startswith(".") and f".{name}".endswith(pattern)) for pattern in named)
