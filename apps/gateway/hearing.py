"""An answer as it comes: words while they are written, and how it stands when it is over.

Words come by hints and may be lost on the way; where each piece stands is said with it. A piece that is missing is told
when the answer is stored. An answer that was begun anew by another worker cannot be told as a continuation.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from apps.accounts.access import Caller
from apps.live import feed
from apps.live.admission import Admitted
from apps.live.hub import Pass
from apps.live.table import on_threads

from .models import Completion
from .standing import Standing, look

ENDS = frozenset({"run.completed", "run.failed", "run.cancelled", "task.parked", "done"})


@dataclass(frozen=True)
class Words:
    """Some words of the answer."""

    text: str


@dataclass(frozen=True)
class Quiet:
    """Nothing for a while."""


@dataclass(frozen=True)
class Over:
    """Nothing more comes for now: the answer is there, or there is none."""

    standing: Standing
    broken: bool = False
    """What was told is not the beginning of what was stored."""


@dataclass(frozen=True)
class Shut:
    """The listener may listen no longer."""


Heard = Words | Quiet | Over | Shut
stands = on_threads(look)


def admitted(row: Completion, caller: Caller, cookie: str | None) -> Admitted:
    """What lets the caller listen to it."""
    on = Pass(key=caller.key.pk) if caller.key is not None else Pass(session=cookie)
    return Admitted(run_id=row.run_id or 0, order_id=0, caller=caller, on=on, project_id=int(row.project))


async def listen(row: Completion, by: Admitted) -> AsyncGenerator[Heard]:
    """Everything that is said from the beginning, then how it ended."""
    told = ""
    async with aclosing(feed.follow(by, 0)) as frames:
        async for frame in frames:
            if isinstance(frame, feed.Quiet):
                yield Quiet()
                continue
            if isinstance(frame, feed.Ended):
                yield Shut()
                return
            ended = False
            for line in frame.lines:
                if line.words and line.at == len(told):
                    told += line.words
                    yield Words(line.words)
                ended = ended or line.name in ENDS
            if ended and (now := await stands(row)).state not in ("queued", "working"):
                break
        else:
            now = await stands(row)
    for last in rest(now, told):
        yield last


def rest(now: Standing, told: str) -> list[Heard]:
    """What is left to say when it is over."""
    if now.state != "completed":
        return [Over(now)]
    if not now.text.startswith(told):
        return [Over(now, broken=True)]
    left = now.text[len(told) :]
    return [*([Words(left)] if left else []), Over(now)]


async def until_over(row: Completion, by: Admitted, *, within: float) -> Over | Shut | None:
    """How it ended; None when it has not, by then."""
    async with aclosing(listen(row, by)) as heard:
        try:
            async with asyncio.timeout(within):
                async for one in heard:
                    if isinstance(one, Over | Shut):
                        return one
        except TimeoutError:
            return None
    return None
