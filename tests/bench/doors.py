"""Services with a door of their own: started, and stopped where they stand while another is measured."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

from nexus.embedded.servers import Server


def freeze(server: Server) -> None:
    """Stop it where it stands."""
    os.killpg(server.process.pid, signal.SIGSTOP)


@contextlib.contextmanager
def thawed(server: Server) -> Iterator[None]:
    """Let it go on meanwhile."""
    os.killpg(server.process.pid, signal.SIGCONT)
    try:
        yield
    finally:
        freeze(server)
