"""Connections to providers: one client per process and address, bounded in time, no detours."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from http import HTTPStatus
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import httpx2

T = TypeVar("T")

CONNECT_FOR = 5.0
READ_FOR = 60.0
"""Seconds of silence; a live stream sends pings."""
TOTAL_FOR = 300.0
"""Seconds for a whole answer, however steadily it trickles."""


LANES = 8
"""Clients of one address in a process. One client looks at all of its connections for every request that begins or
ends, behind a lock: five hundred threads would spend more on that than on the request."""


class BoundedClient(httpx2.Client):
    """An HTTP client whose every response must end within TOTAL_FOR seconds of the request."""

    def __init__(self, *, base_url: str, total_for: float = TOTAL_FOR) -> None:
        """Follow no redirect: it would carry the key elsewhere. On this machine, ask no proxy for the way."""
        super().__init__(
            timeout=httpx2.Timeout(READ_FOR, connect=CONNECT_FOR, pool=CONNECT_FOR),
            # No limit of its own: a worker's threads are the limit, and each waits on one.
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=16),
            follow_redirects=False,
            trust_env=not is_loopback(base_url),
            verify=_trusted(trust_env=not is_loopback(base_url)),
        )
        self._total_for = total_for

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send it, and watch the clock over whatever comes back."""
        until = time.monotonic() + self._total_for
        response = super().send(request, **options)
        if isinstance(response.stream, httpx2.SyncByteStream) and not response.is_closed:
            response.stream = _Until(response.stream, until, request)
        return response


class _Until(httpx2.SyncByteStream):
    """A response body that fails like a read timeout once its time is over.

    The SDK swallows pings, so a loop over its events would not notice a provider that sends nothing else.
    """

    def __init__(self, stream: httpx2.SyncByteStream, until: float, request: httpx2.Request) -> None:
        self._stream = stream
        self._until = until
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._until:
                raise httpx2.ReadTimeout("the whole answer took too long", request=self._request)
            yield chunk

    def close(self) -> None:
        self._stream.close()


def is_loopback(url: str) -> bool:
    """Whether this address is on this machine."""
    host = httpx2.URL(url).host
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@cache
def _trusted(*, trust_env: bool) -> ssl.SSLContext:
    """Who is believed to be who they say: read once, it takes longer than a request."""
    return httpx2.create_ssl_context(trust_env=trust_env)


class _Lane(threading.local):
    """The number of this thread's lane: threads take them in turns."""

    _turns = count()

    def __init__(self) -> None:
        self.number = next(self._turns) % LANES


class PerProcess:
    """Things that threads share and processes must not: two processes on one socket read each other's answers.

    There are LANES of each, which a process makes as it needs them.
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._held: dict[tuple[object, ...], Any] = {}
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """What this process made for `key`, made now if it has not."""
        # A child of a fork finds its parent's entries under the parent's pid, and makes its own.
        mine = (os.getpid(), _lane.number, *key)
        with self._lock:
            if mine not in self._held:
                self._held[mine] = make()
            found: T = self._held[mine]
        return found


def address(url: str, key: str) -> str:
    """One account at one address, by a name that does not tell the key."""
    return f"{url}#{hashlib.sha256(key.encode()).hexdigest()[:16]}"


_lane = _Lane()


def journalled(sandbox_url: str, request_id: UUID) -> bool | None:
    """Whether the sandbox has ever received this request; None where it does not answer."""
    try:
        with BoundedClient(base_url=sandbox_url) as client:
            found = client.get(f"{sandbox_url}/journal", params={"request_id": str(request_id)})
            return bool(found.json()) if found.status_code == HTTPStatus.OK else None
    except (httpx2.HTTPError, ValueError):
        return None
