"""Requests that last: what every door to an answer has in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.authentication import caller_for
from apps.live import feed
from apps.live.admission import Admitted
from apps.live.table import on_threads

from . import ending, errors, hearing, views
from .models import Completion
from .standing import Standing

FIRST_WORD_WITHIN = 2.0
"""Seconds that a stream waits for what comes first: what fails at once has a status of its own."""
KEEP_ALIVE = b": keep-alive\n\n"
Hearing = AsyncGenerator[hearing.Heard]


@on_threads
def admit(request: HttpRequest, public_id: str, shape: Completion.Shape) -> tuple[Completion, Admitted]:
    """The request for an answer, and what lets its caller listen to it."""
    caller = caller_for(request)
    row = views.find(caller, public_id, shape)
    return row, hearing.admitted(row, caller, request.session.session_key)


async def whole(row: Completion, by: Admitted, where: str) -> Standing:
    """The answer, when it is there. Raise NotAnswered."""
    over = await hearing.until_over(row, by, within=settings.NEXUS_COMPLETION_WAIT)
    if over is None:
        raise ending.late(row.public_id, where)
    return await answered(over)


async def begun(row: Completion, by: Admitted, *, patient: bool = False) -> AsyncGenerator[hearing.Heard]:
    """The answer as it comes, once its first word is there or some time has passed.

    Raise NotAnswered where it fails before that: then the client is told by a status.
    """
    heard = hearing.listen(row, by, patient=patient)
    first = asyncio.ensure_future(anext(heard))
    await asyncio.wait({first}, timeout=FIRST_WORD_WITHIN)
    if not patient and first.done() and isinstance(over := first.result(), hearing.Over | hearing.Shut):
        await answered(over)
    return _after(first, heard)


async def answered(over: hearing.Over | hearing.Shut) -> Standing:
    """The answer; raise NotAnswered where there is none. Whoever is told of no money for it is not sold it later."""
    if isinstance(over, hearing.Shut):
        raise errors.NotAnswered("The access to this answer has ended.", "access_ended", status=403)
    if ending.is_unpaid(over.standing):
        await on_threads(ending.withdraw)(over.standing)
    ending.completed(over.standing)
    if over.broken:
        raise errors.NotAnswered(
            f"The answer was begun anew, and is not what was told: GET it by its id, {over.standing.row.public_id}.",
            "answer_replaced",
            status=500,
        )
    return over.standing


async def _after(first: asyncio.Future[hearing.Heard], heard: Hearing) -> AsyncGenerator[hearing.Heard]:
    """What was waited for already, with signs of life meanwhile; then the rest."""
    try:
        while not first.done():
            await asyncio.wait({first}, timeout=feed.KEEP_ALIVE)
            if not first.done():
                yield hearing.Quiet()
        yield first.result()
        async for one in heard:
            yield one
    finally:
        first.cancel()
        await heard.aclose()


async def closing(pieces: AsyncIterator[bytes], heard: AsyncGenerator[hearing.Heard]) -> AsyncIterator[bytes]:
    """What is sent, and nobody listens any more when it ends, however it ends."""
    try:
        async for piece in pieces:
            yield piece
    finally:
        await heard.aclose()
