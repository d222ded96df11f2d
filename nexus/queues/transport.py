"""kombu's Redis transport, but neither a message that cannot be read nor a failover ends a worker.

kombu parses a message, and Celery its headers, in the event loop of the consumer. What is no JSON, or JSON but no
message, or a message without an id, is raised there and the worker ends, or connects anew and gets it again for ever.
Here it is put aside.
"""

from __future__ import annotations

import logging
from queue import Empty
from typing import Any

from kombu.exceptions import InconsistencyError
from kombu.transport import redis as kombus
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError, ResponseError

from nexus.queues.catalog import UNDELIVERABLE

log = logging.getLogger("nexus.queues")

# The stubs of kombu leave out what is overridden here.
_redis: Any = kombus

HEAD = 4096
"""Bytes of an unreadable message that are kept: enough to see whose it is."""
KEPT = 1000
"""Unreadable messages that are kept: whoever floods a queue with them shall not fill the broker."""
AWAY = (OSError, RedisError, InconsistencyError)
"""The broker is away, which is nobody's message's fault. kombu's own list has KeyError in it, a message's usual one."""


class Message(_redis.Channel.Message):  # type: ignore[misc]
    """A message that says which it is before anybody stumbles over it."""

    def __init__(self, payload: Any, channel: Any = None, **more: Any) -> None:
        """Read the payload, or raise whatever that raises."""
        super().__init__(payload, channel=channel, **more)
        channel.handing_over = self.delivery_tag


class Channel(_redis.Channel):  # type: ignore[misc]
    """A channel that puts aside what cannot be read. One thread reads it, the consumer's."""

    Message = Message

    taken: tuple[str, bytes] | None = None
    """The queue and the bytes of what was taken off a queue last."""
    handing_over: str | None = None
    """Its delivery tag, once there is one."""
    lent: Any = None
    """The client of everybody but the consumer: kombu makes one for each message, which costs as much as sending it."""

    def _create_client(self, asynchronous: bool = False) -> Any:  # noqa: FBT001, FBT002 - kombu calls it so
        """As kombu does; the client that consumes remembers what it took off a queue."""
        if self.connection is None:
            # It was closed when the broker went away, and somebody's producer still has it. kombu stumbles over that;
            # told that the connection is lost, it makes a new one.
            raise ConnectionLost("the channel is closed")
        if not asynchronous:
            # Of the pool of now: after a failover it is another.
            if self.lent is None or self.lent.connection_pool is not self.pool:
                self.lent = super()._create_client()
            return self.lent
        client = super()._create_client(asynchronous)
        client.set_response_callback("BRPOP", self._remember)
        return client

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002 - as kombu calls it
        """Acknowledge what was written down as unacknowledged: of queues without acknowledgement nothing was."""
        if delivery_tag in self.qos._delivered:  # noqa: SLF001 - where kombu keeps them
            super().basic_ack(delivery_tag, multiple)

    def _remember(self, popped: Any, **_: object) -> Any:
        if popped:
            self.taken = (bytes(popped[0]).decode(errors="replace"), bytes(popped[1]))
        return tuple(popped) if popped else None

    def _brpop_read(self, **options: Any) -> Any:
        """Deliver one message. What nobody can read counts as no message, as an empty queue does."""
        self.taken, self.handing_over = None, None
        try:
            return super()._brpop_read(**options)
        except (Empty, *AWAY):
            raise
        except Exception as error:
            self._put_aside(error)
            raise Empty from error

    def _put_aside(self, error: Exception) -> None:
        if self.taken is None:
            raise error
        queue, raw = self.taken
        # Said before it is written: should the broker be away now, the log is all that is left of it.
        log.error(
            "unreadable message queue=%s bytes=%s: %s; put on %s", queue, len(raw), type(error).__name__, UNDELIVERABLE
        )
        with self.conn_or_acquire() as client:
            if client.lpush(UNDELIVERABLE, raw[:HEAD]) > KEPT:
                client.rpop(UNDELIVERABLE)
        if self.handing_over is not None:
            # Unacknowledged it would come back with the next connection, for ever.
            self.basic_ack(self.handing_over)


class Transport(_redis.Transport):  # type: ignore[misc]
    """The transport of the schemes redis and rediss; `config.celery` says so."""

    Channel = Channel

    # A master that becomes a replica in a failover says UNBLOCKED to whoever waits, and READONLY from then on. To kombu
    # that is an error of the channel, which ends a worker. It is a broker to leave: connect anew, to who is master now.
    connection_errors = (*_redis.Transport.connection_errors, ResponseError)
