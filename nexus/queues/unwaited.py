"""Commands to Redis that nobody waits for: sent by who has something to say, sooner than another thread would wake.

Only what is answered by a number on one line is sent so.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from typing import Any

import redis

Command = tuple[str, ...]
MOST = 16_384
"""Bytes that are sent at once: what every kernel takes without waiting, where little is under way."""
NUMBERS = b":0123456789\r\n"
"""All that such answers are made of. https://redis.io/docs/latest/develop/reference/protocol-spec/#integers"""


class Unwaited:
    """One connection, apart from those of the client's pool. Several threads may use it; a forked child has none.

    Where it stands, a command goes out at once or not at all: who is told that it did not go says it another way.
    """

    def __init__(self) -> None:
        """Not connected yet: see `connect`."""
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._using = threading.Lock()
        self._connection: Any = None  # redis-py's; its methods have no types
        self._socket: socket.socket | None = None
        self._owed = 0  # answers that have not come

    def connect(self, client: redis.Redis) -> None:
        """Connect as `client` does, if need be; waits, and raises what redis-py does. TLS is left alone."""
        with self._using:
            if self._socket is not None:
                return
            pool = client.connection_pool
            connection = pool.connection_class(**pool.connection_kwargs)
            connection.connect()
            # Its bytes cannot be sent without waiting where they are encrypted on the way.
            if type(connection._sock) is not socket.socket:  # noqa: SLF001 - redis-py shows it nowhere
                connection.disconnect()
                return
            self._connection, self._socket, self._owed = connection, connection._sock, 0  # noqa: SLF001
            self._socket.setblocking(False)

    def send(self, *commands: Command) -> bool:
        """Send them; never wait. False: they did not go; another thread sends, or no connection is there any more."""
        if not self._using.acquire(blocking=False):
            return False
        try:
            if self._socket is None or not self._hear():
                return False
            said = b"".join(self._connection.pack_commands(commands))
            if len(said) > MOST:
                return False
            if self._socket.send(said) == len(said):
                self._owed += len(commands)
                return True
            self._drop()  # half of it is on its way: nothing can follow
        except OSError:
            self._drop()
        finally:
            self._using.release()
        return False

    def is_answered(self, within: float) -> bool:
        """Wait until all that was sent is answered by a number; False when it was not, and the connection is gone."""
        until = time.monotonic() + within
        with self._using:
            while self._socket is not None and self._owed:
                left = max(0.0, until - time.monotonic())
                if self._hear() and self._owed and not select.select([self._socket], [], [], left)[0]:
                    self._drop()
            return self._socket is not None

    def _hear(self) -> bool:
        """Take in the answers that have come. The caller has the lock."""
        assert self._socket is not None
        try:
            while (heard := self._socket.recv(65_536)) and not heard.strip(NUMBERS):
                self._owed -= heard.count(b"\n")
        except BlockingIOError:
            return True
        except OSError:
            pass
        self._drop()  # it is closed; or it told a refusal, or what nobody asked for
        return False

    def close(self) -> None:
        """Let go of it; the next `connect` makes another."""
        with self._using:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(redis.RedisError, OSError):
                self._connection.disconnect()
        self._connection, self._socket, self._owed = None, None, 0
