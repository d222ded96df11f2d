"""getUpdates: held open while there is nothing, confirmed by the next offset, one at a time."""

from __future__ import annotations

import asyncio

from apps.sandbox.telegram.reading import Params, number
from apps.sandbox.telegram.shapes import Json
from apps.sandbox.telegram.world import Refused, World

ANOTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


async def get_updates(world: World, params: Params) -> list[Json]:
    """What has happened from the offset on. A later call ends an earlier one that still waits."""
    if world.webhook:
        raise Refused(409, HOOKED)
    world.poller += 1
    mine = world.poller
    world.wake()  # whoever waits sees that another has come
    offset, limit = number(params, "offset"), min(max(number(params, "limit", 100) or 100, 1), 100)
    if offset is not None and offset >= 0:
        world.updates = [one for one in world.updates if one.get("update_id", offset) >= offset]
    until = asyncio.get_running_loop().time() + (number(params, "timeout", 0) or 0)
    while True:
        if world.poller != mine:
            raise Refused(409, ANOTHER)
        waiting = world.updates[offset:] if offset is not None and offset < 0 else world.updates
        if found := [*world.again, *waiting][:limit]:
            world.again = []
            return found
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            return []
        try:
            async with asyncio.timeout(left):
                await world.news.wait()
        except TimeoutError:
            return []
