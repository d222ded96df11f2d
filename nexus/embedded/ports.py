"""Ports on the loopback that nobody listens on."""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"
#: Below the range from which the kernel draws ports for outgoing connections, so that a port kept in a home
#: is not lent to somebody's client between two starts.
_LOWEST, _HIGHEST = 20_000, 32_000


def is_free(port: int) -> bool:
    """Say whether a server could listen on `port` now."""
    with socket.socket() as probe:
        # As servers do: a connection of the last run in TIME_WAIT does not make the port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(*, taken: frozenset[int] = frozenset()) -> int:
    """Return a port that is free now and not in `taken`. Somebody may still be faster than the caller."""
    draw = random.SystemRandom()
    for _ in range(200):
        port = draw.randint(_LOWEST, _HIGHEST)
        if port not in taken and is_free(port):
            return port
    raise OSError(f"no free port between {_LOWEST} and {_HIGHEST} on {LOOPBACK}")
