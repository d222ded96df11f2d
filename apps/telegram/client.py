"""python-telegram-bot, for threads: its one event loop runs in a thread of its own, and everybody may call."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Self, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from telegram import Bot
from telegram.request import HTTPXRequest

from .errors import NoToken

T = TypeVar("T")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECTIONS = 16


def bot_id() -> int:
    """The number that the bot's token begins with. Raise NoToken."""
    number, colon, _ = settings.TELEGRAM_BOT_TOKEN.partition(":")
    if not (colon and number.isdecimal()):
        raise NoToken
    return int(number)


class Client:
    """A bot that threads may use. Close it."""

    def __init__(self) -> None:
        """Start its loop; nothing is asked of Telegram yet. Raise NoToken."""
        bot_id()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="telegram-loop", daemon=True)
        self._thread.start()
        base = settings.TELEGRAM_API_URL.rstrip("/")
        # A neighbour on this machine is not asked through the proxy of the environment.
        options = {"trust_env": urlsplit(base).hostname not in LOOPBACK}
        self._requests = (
            HTTPXRequest(connection_pool_size=CONNECTIONS, read_timeout=15, httpx_kwargs=options),
            HTTPXRequest(connection_pool_size=1, read_timeout=10, httpx_kwargs=options),
        )
        self._bot = Bot(
            settings.TELEGRAM_BOT_TOKEN, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot",
            request=self._requests[0], get_updates_request=self._requests[1],
        )  # fmt: skip

    def call(self, ask: Callable[[Bot], Awaitable[T]]) -> T:
        """Do what `ask` says with the bot, and wait for it. Raise TelegramError."""
        return asyncio.run_coroutine_threadsafe(self._do(ask), self._loop).result()

    def call_all(self, asks: Sequence[Callable[[Bot], Awaitable[T]]]) -> list[T | BaseException]:
        """Do all of it side by side; what goes wrong comes back in its place."""

        async def everything() -> list[T | BaseException]:
            return await asyncio.gather(*(self._do(ask) for ask in asks), return_exceptions=True)

        return asyncio.run_coroutine_threadsafe(everything(), self._loop).result()

    def let_go(self) -> None:
        """Wait for no answer any more: whoever does gets a CancelledError."""

        async def cancel() -> None:
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.run_coroutine_threadsafe(cancel(), self._loop).result()

    async def _do(self, ask: Callable[[Bot], Awaitable[T]]) -> T:
        return await ask(self._bot)

    def __enter__(self) -> Self:
        """Be closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close connections and the loop."""
        for request in self._requests:
            asyncio.run_coroutine_threadsafe(request.shutdown(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
