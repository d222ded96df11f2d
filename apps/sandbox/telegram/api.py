"""`/bot<token>/<method>` and `/file/bot<token>/<path>`: read, journal, fail as scripted, answer."""

from __future__ import annotations

import json
import re
from typing import Any

from apps.sandbox.http import SANDBOX_HEADER, Reply, Request
from apps.sandbox.telegram import shapes
from apps.sandbox.telegram.methods import ME, METHODS
from apps.sandbox.telegram.polling import get_updates
from apps.sandbox.telegram.reading import read, told
from apps.sandbox.telegram.world import Refused, World

CALL = re.compile(r"/(?P<file>file/)?bot(?P<bot>[0-9]+):(?P<key>[A-Za-z0-9_-]+)(?P<test>/test)?/(?P<what>.+)")
REVOKED = "revoked"
"""How a token ends that is not taken any more."""


def is_meant(path: str) -> bool:
    """Whether a path belongs to the Bot API."""
    return path.startswith(("/bot", "/file/bot"))


async def answer(world: World, request: Request, reply: Reply) -> None:
    """Answer one call."""
    call = CALL.fullmatch(request.path)
    if call is None:
        await _send(reply, _refusal(Refused(404, "Not Found")))
    elif call["key"].endswith(REVOKED):
        await _send(reply, _refusal(Refused(401, "Unauthorized")))
    elif call["file"]:
        await _file(world, call["what"], reply)
    else:
        status, said = await _call(world, request, call["what"].lower(), int(call["bot"]))
        await _send(reply, (status, said))


async def _call(world: World, request: Request, method: str, bot: int) -> tuple[int, Any]:
    params = read(request)
    entry = world.note(method, told(params or {}))
    try:
        if params is None or request.too_large:
            raise Refused(413 if request.too_large else 400, "Bad Request: the request cannot be read")
        fault = world.fault(method, params.get("chat_id"))
        if fault is not None and not fault.after:
            raise Refused(fault.error_code, fault.description, **fault.parameters)
        result = await _result(world, method, {**params, ME: shapes.bot(bot)})
        if fault is not None:
            raise Refused(fault.error_code, fault.description, **fault.parameters)
    except Refused as refused:
        entry["status"], entry["error"] = refused.status, refused.description
        return _refusal(refused)
    entry["status"], result = 200, _told(result)
    entry["result"] = result if method != "getupdates" else [one.get("update_id") for one in result]
    return 200, {"ok": True, "result": result}


def _told(result: Any) -> Any:
    """As the bot is told it: what begins with an underscore is for those who look at the chat."""
    if isinstance(result, dict):
        return {name: _told(value) for name, value in result.items() if not name.startswith("_")}
    return [_told(one) for one in result] if isinstance(result, list) else result


async def _result(world: World, method: str, params: dict[str, Any]) -> Any:
    if method == "getupdates":
        return await get_updates(world, params)
    if method not in METHODS:
        raise Refused(404, "Not Found: method not found")
    return METHODS[method](world, params)


def _refusal(refused: Refused) -> tuple[int, Any]:
    body = {"ok": False, "error_code": refused.status, "description": refused.description}
    return refused.status, body | ({"parameters": refused.parameters} if refused.parameters else {})


async def _file(world: World, path: str, reply: Reply) -> None:
    for kept, data in world.files.values():
        if kept == path:
            await reply.whole(200, [("content-type", "application/octet-stream"), SANDBOX_HEADER], data)
            return
    await _send(reply, _refusal(Refused(404, "Not Found")))


async def _send(reply: Reply, said: tuple[int, Any]) -> None:
    body = json.dumps(said[1], ensure_ascii=False).encode("utf-8", "surrogatepass")
    await reply.whole(said[0], [("content-type", "application/json"), SANDBOX_HEADER], body)
