"""From a name to checked addresses, and to a socket: looked up once, and connected to what was checked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from .addresses import Network, why_not
from .errors import FetchFailed, FetchRefused
from .urls import Target

Resolve = Callable[[str, int], Sequence[str]]
Dial = Callable[[str, int, float], socket.socket]
MOST_ADDRESSES = 16


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name, as this machine looks it up."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def dial(address: str, port: int, timeout: float) -> socket.socket:
    """A socket to an address. No proxy of the environment is asked."""
    return socket.create_connection((address, port), timeout)


def checked(target: Target, *, resolver: Resolve, allowed: Sequence[Network], within: float) -> list[str]:
    """The addresses of a target; raise FetchRefused when any of them is not public, FetchFailed when there is none."""
    found = [target.host] if target.is_address else _looked_up(target, resolver, within)
    if not found or len(found) > MOST_ADDRESSES:
        raise FetchFailed(f"{target.host} has {len(found)} addresses")
    for address in found:
        # One bad address is enough: whoever answers with a good one beside it wants us to pick the other.
        if why := why_not(address, allowed=allowed):
            raise FetchRefused(f"{target.host} is not asked: {address} is {why}", host=target.host)
    return found


def connected(addresses: Sequence[str], port: int, *, dialer: Dial, remaining: Callable[[], float]) -> socket.socket:
    """A socket to the first of `addresses` that answers."""
    last: OSError | None = None
    for address in addresses:
        try:
            return dialer(address, port, remaining())
        except OSError as error:
            last = error
    raise FetchFailed(f"Nobody answers at {addresses[0]} port {port}: {last}")


def _looked_up(target: Target, resolver: Resolve, within: float) -> list[str]:
    """Look up in a thread: the system's resolver knows no time limit."""
    found: list[str] = []
    failed: list[OSError] = []

    def look() -> None:
        try:
            found.extend(resolver(target.host, target.port))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=look, daemon=True, name="look-up")
    thread.start()
    thread.join(within)
    if thread.is_alive():
        raise FetchFailed(f"{target.host} could not be looked up within {within:.0f} s")
    if failed:
        raise FetchFailed(f"{target.host} is not known: {failed[0]}")
    return found


def hang_up(link: socket.socket) -> None:
    """Close a socket, whatever state it is in."""
    with suppress(OSError):
        link.close()
