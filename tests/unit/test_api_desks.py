"""A fixed number of threads for synchronous views."""

from __future__ import annotations

import asyncio
import threading

from asgiref.sync import sync_to_async

from apps.api.desks import Desks, seated
from apps.live import sse

ORDER = "/api/v2/work-orders/WO-20260217-0001"


class Counted:
    """An application that notes which threads it works in, and how many at once."""

    def __init__(self) -> None:
        self.threads: list[str] = []
        self.inside = self.most = 0

    async def __call__(self, scope, receive, send) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0)
        self.threads.append(await sync_to_async(lambda: threading.current_thread().name)())
        self.inside -= 1


def asked(path: str = ORDER, accept: str = "*/*", method: str = "GET") -> dict:
    return {"type": "http", "method": method, "path": path, "headers": [(b"accept", accept.encode())]}


async def test_one_after_another_they_sit_at_the_same_desk():
    application = Counted()
    served = seated(application, desks=Desks(4), standing=sse.is_one)

    for _ in range(20):
        await served(asked(), None, None)

    assert len(set(application.threads)) == 1
    assert application.threads[0].startswith("web-")


async def test_a_crowd_waits_in_line():
    application = Counted()
    served = seated(application, desks=Desks(3), standing=sse.is_one)

    await asyncio.gather(*(served(asked(), None, None) for _ in range(50)))

    assert application.most == 3
    assert len(application.threads) == 50
    assert len(set(application.threads)) == 3


async def test_a_desk_is_free_again_after_an_error():
    async def broken(scope, receive, send):
        raise ZeroDivisionError

    served = seated(broken, desks=Desks(1), standing=sse.is_one)
    errors = await asyncio.gather(*(served(asked(), None, None) for _ in range(3)), return_exceptions=True)

    assert [type(error) for error in errors] == [ZeroDivisionError] * 3


async def test_what_lasts_takes_no_desk():
    desks = Desks(1)
    release = asyncio.Event()

    async def lasting(scope, receive, send):
        await release.wait()

    served = seated(lasting, desks=desks, standing=sse.is_one)
    streams = [asyncio.create_task(served(asked(f"{ORDER}/events", "text/event-stream"), None, None)) for _ in range(5)]
    async with asyncio.timeout(5):
        async with desks.one():
            pass
    release.set()
    await asyncio.gather(*streams)

    assert not sse.is_one(asked(f"{ORDER}/events"))
    assert not sse.is_one(asked(ORDER, "text/event-stream"))
    assert not sse.is_one(asked(f"{ORDER}/events", "text/event-stream", "POST"))
