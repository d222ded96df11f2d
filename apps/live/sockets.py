"""The feed over a WebSocket."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any, ClassVar

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import QueryDict
from rest_framework.exceptions import APIException, NotAuthenticated

from apps.accounts.access import Caller
from apps.accounts.authentication import open_with, refuse_key_in

from . import admission, feed
from .frames import STRAIGHT, Hand, hand_of, tell
from .origin import may_open
from .table import on_threads

log = logging.getLogger("nexus.live")
PROTOCOL = "nexus"
BEARER = "bearer."
LARGEST_FRAME = 4096
FRAMES_PER_MINUTE = 60
CLOSE_BY_STATUS = {400: 1008, 401: 4401, 403: 4403, 404: 4404}
Hears = Callable[["OrderSocket", Mapping[Any, Any], admission.Admitted], Awaitable[bool]]
BINARY, BROKEN_RULES, TOO_LARGE, OUR_FAULT, TRY_LATER = 1003, 1008, 1009, 1011, 1013


class OrderSocket(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """`ws/work-orders/{id}/?after=N`: the same frames as SSE, as JSON, and two that a client may send."""

    _telling: asyncio.Task[None] | None = None
    _hand: Hand | None = None
    _admitted: admission.Admitted | None = None

    async def connect(self) -> None:
        """Refuse foreign pages before the handshake; tell everybody else why after it, by the close code."""
        self._taken: deque[float] = deque(maxlen=FRAMES_PER_MINUTE)
        if not self._is_from_here():
            await self.close()
            return
        await self.accept(PROTOCOL if PROTOCOL in self.scope["subprotocols"] else None)
        try:
            self._admitted, after = await self._admit()
        except APIException as error:
            await self.close(CLOSE_BY_STATUS.get(error.status_code, BROKEN_RULES), str(error.detail)[:100])
        except (DatabaseError, InterfaceError):
            await self.close(TRY_LATER)
        else:
            self._tell_from(self._admitted, after)

    async def disconnect(self, code: int) -> None:
        """The client went, or was sent away."""
        self._tell_no_more()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take `resume` and `ping`; close on anything else."""
        if self._admitted is None:
            return
        if text_data is None:
            await self.close(BINARY)
        elif len(text_data) > LARGEST_FRAME:
            await self.close(TOO_LARGE)
        elif self._is_flooding() or not await self._obey(text_data, self._admitted):
            await self.close(BROKEN_RULES)

    async def _obey(self, text: str, admitted: admission.Admitted) -> bool:
        """Do what the frame asks for; False when it asks for nothing that there is."""
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError):
            return False
        match frame:
            case {"type": str(kind), **said} if kind in self.hears:
                return await self.hears[kind](self, said, admitted)
        return False

    async def _pong(self, said: Mapping[Any, Any], admitted: admission.Admitted) -> bool:
        if said:
            return False
        await self.send(text_data='{"type":"pong"}')
        return True

    async def _go_back(self, said: Mapping[Any, Any], admitted: admission.Admitted) -> bool:
        match said:
            case {"after": int(after), **rest} if not rest and not isinstance(after, bool):
                if 0 <= after <= admission.LARGEST_SEQ:
                    self._tell_from(admitted, after)
                    return True
        return False

    hears: ClassVar[Mapping[str, Hears]] = {"ping": _pong, "resume": _go_back}
    """All that a client may send, by type: each does what is asked, or says that it asks for nothing that there is."""

    def _tell_from(self, admitted: admission.Admitted, after: int) -> None:
        self._tell_no_more()
        self._hand = hand_of(self.scope[STRAIGHT])
        self._telling = asyncio.create_task(self._tell(admitted, after, self._hand))

    def _tell_no_more(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
        if self._hand is not None:
            self._hand.let_go()  # the task hears of its end a little later, and is not to be handed anything till then

    async def _tell(self, admitted: admission.Admitted, after: int, hand: Hand | None) -> None:
        try:
            async with aclosing(feed.follow(admitted, after, hand.write if hand else None)) as frames:
                async for frame in frames:
                    match frame:
                        case feed.Told(lines):
                            await tell(self.scope[STRAIGHT], lines)
                        case feed.Ended():
                            await self.close(CLOSE_BY_STATUS[401])
                        case feed.Quiet():
                            pass  # the server's own pings break the silence
        except OSError:
            log.debug("socket of run %d: the client went", admitted.run_id)  # ASGI says it so
        except Exception:
            # Nobody awaits this task: without this line its end would be silent, and the client would wait for ever.
            log.exception("socket of run %d broke", admitted.run_id)
            with suppress(OSError):
                await self.close(OUR_FAULT)

    def _is_flooding(self) -> bool:
        now = time.monotonic()
        full = len(self._taken) == FRAMES_PER_MINUTE and now - self._taken[0] < 60
        self._taken.append(now)
        return full

    # --- Who it is ---

    def _header(self, name: bytes) -> str | None:
        found = [value.decode("latin-1") for key, value in self.scope["headers"] if key == name]
        return found[0] if len(found) == 1 else ("" if found else None)

    def _key(self) -> str | None:
        """The bearer key: from the header, or, for browsers, from the list of protocols."""
        scheme, _, text = (self._header(b"authorization") or "").partition(" ")
        if scheme.lower() == "bearer":
            return text
        offered = [name.removeprefix(BEARER) for name in self.scope["subprotocols"] if name.startswith(BEARER)]
        return offered[0] if offered else None

    def _is_from_here(self) -> bool:
        return may_open(
            self._header(b"origin"),
            host=self._header(b"host") or "",
            allowed_hosts=settings.ALLOWED_HOSTS,
            trusted=settings.CSRF_TRUSTED_ORIGINS,
            key=self._key() is not None,
        )

    @on_threads
    def _admit(self) -> tuple[admission.Admitted, int]:
        query = QueryDict(self.scope["query_string"])
        refuse_key_in(query)
        caller, session = self._caller()
        after = admission.position(query)
        return admission.admit(caller, self.scope["url_route"]["kwargs"]["public_id"], session=session), after

    def _caller(self) -> tuple[Caller, str | None]:
        if (text := self._key()) is not None:
            key = open_with(text)
            return Caller(user=key.user, key=key), None
        if not self.scope["user"].is_authenticated:
            raise NotAuthenticated
        return Caller(user=self.scope["user"]), self.scope["session"].session_key


class NoSocket(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Any other path: closed as an order that does not exist is."""

    hears: ClassVar[Mapping[str, Hears]] = {}

    async def connect(self) -> None:
        """Say so."""
        await self.accept(PROTOCOL if PROTOCOL in self.scope["subprotocols"] else None)
        await self.close(CLOSE_BY_STATUS[404])
