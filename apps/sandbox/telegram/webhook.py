"""Updates sent to an address: one after the other, each until it is taken. Only to this machine, by plain HTTP."""

from __future__ import annotations

import asyncio
import json
import re
from urllib.parse import urlsplit

import h11

from apps.sandbox.telegram.reading import Params, flag, number
from apps.sandbox.telegram.shapes import Json
from apps.sandbox.telegram.world import Refused, World

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
PAUSE = 0.05
"""Seconds until an update that was not taken is sent again; the real ones wait longer every time."""


def set_webhook(world: World, params: Params) -> bool:
    """Send updates there from now on; an empty address takes it away."""
    url, secret = str(params.get("url", "")), str(params.get("secret_token", ""))
    if secret and not SECRET.fullmatch(secret):
        raise Refused(400, "Bad Request: secret token contains unallowed characters")
    if flag(params, "drop_pending_updates"):
        world.updates = []
    if not url:
        return delete_webhook(world, params)
    where = urlsplit(url)
    if where.scheme != "https" and where.hostname not in ("127.0.0.1", "localhost"):
        raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    world.webhook = {
        "url": url, "secret_token": secret, "max_connections": number(params, "max_connections", 40),
        "allowed_updates": params.get("allowed_updates", []),
    }  # fmt: skip
    world.wake()
    if world.pushing is None:
        world.pushing = asyncio.get_running_loop().create_task(_push(world))
    return True


def delete_webhook(world: World, params: Params) -> bool:
    """Send nothing any more."""
    if flag(params, "drop_pending_updates"):
        world.updates = []
    world.webhook = {}
    if world.pushing is not None:
        world.pushing.cancel()
        world.pushing = None
    return True


def webhook_info(world: World, params: Params) -> Json:
    """What is set, and what waits."""
    shown = {name: value for name, value in world.webhook.items() if name != "secret_token"}
    waiting = len(world.updates) + len(world.again)
    return {"url": "", "has_custom_certificate": False, "pending_update_count": waiting} | shown


async def _push(world: World) -> None:
    while True:
        waiting = world.again or world.updates
        if not waiting:
            await world.news.wait()
            continue
        try:
            status = await _post(world.webhook, waiting[0])
        except (OSError, h11.ProtocolError, TimeoutError) as error:
            status = 0
            world.webhook["last_error_message"] = f"Connection failed: {type(error).__name__}"
        entry = world.note("webhook", waiting[0])
        entry["status"] = status
        if 200 <= status < 300:
            waiting.pop(0)
            continue
        if status:
            world.webhook["last_error_message"] = f"Wrong response from the webhook: {status}"
        await asyncio.sleep(PAUSE)


async def _post(webhook: Json, update: Json) -> int:
    where, body = urlsplit(webhook["url"]), json.dumps(update).encode()
    headers = [
        ("host", where.netloc), ("content-type", "application/json"), ("content-length", str(len(body))),
        ("connection", "close"),
    ]  # fmt: skip
    if webhook["secret_token"]:
        headers.append(("x-telegram-bot-api-secret-token", webhook["secret_token"]))
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(where.hostname, where.port or 80)
        try:
            http = h11.Connection(h11.CLIENT)
            head = h11.Request(method="POST", target=where.path or "/", headers=headers)
            for part in (head, h11.Data(data=body), h11.EndOfMessage()):
                writer.write(http.send(part) or b"")
            await writer.drain()
            while not isinstance(event := http.next_event(), h11.Response):
                if event is h11.NEED_DATA:
                    http.receive_data(await reader.read(65536))
            return int(event.status_code)
        finally:
            writer.close()
