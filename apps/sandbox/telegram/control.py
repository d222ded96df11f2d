"""What a test may do as a person, and see of what was said. These requests are in no journal.

    POST   /telegram/messages      write: {"from", "text" or: "photo", "voice", "document", "caption", "reply_to"}
    POST   /telegram/presses       press a button: {"from", "message_id", "button" or "data", "chat"}
    POST   /telegram/updates       hand out any update as it is given; {"again": update_id} one that was there before
    POST   /telegram/blocked       block the bot, or no more: {"from", "blocked"}
    POST   /telegram/faults        {"method", "times", "error_code", "description", "parameters", "chat_id", "after"}
    GET    /telegram/journal       every call, in order; ?method=&after=
    GET    /telegram/chats/{id}    the messages of a chat as they stand
    GET    /telegram/presses/{id}  what was answered to a press
    GET    /telegram/commands      the menu, by language
    DELETE /telegram               forget everything

A file is {"data": base64, "name", "mime_type"}. `from` is a number, or a user as the API writes them.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from apps.sandbox.http import SANDBOX_HEADER, Reply, Request
from apps.sandbox.telegram import shapes
from apps.sandbox.telegram.shapes import Json
from apps.sandbox.telegram.webhook import delete_webhook
from apps.sandbox.telegram.world import Fault, Refused, World

FILES = ("photo", "voice", "document", "audio")


def is_meant(path: str) -> bool:
    """Whether a path belongs to this control."""
    return path == "/telegram" or path.startswith("/telegram/")


async def answer(world: World, request: Request, reply: Reply) -> None:
    """Answer one request of a test."""
    try:
        given = json.loads(request.body) if request.body else {}
        status, payload = 200, _answer(world, request, given)
    except Refused as refused:
        status, payload = refused.status, {"error": refused.description}
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        status, payload = 400, {"error": f"{type(error).__name__}: {error}"}
    body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "surrogatepass")
    await reply.whole(status, [("content-type", "application/json"), SANDBOX_HEADER], body)


def _answer(world: World, request: Request, given: Any) -> Any:
    match request.method, request.path.rstrip("/").split("/")[2:]:
        case "POST", [what] if what in POSTS:
            return POSTS[what](world, given)
        case "GET", ["journal"]:
            return _journal(world, request.query)
        case "GET", ["chats", number]:
            return list(world.messages.get(int(number), {}).values())
        case "GET", ["presses", query]:
            return world.queries[query].get("answered")
        case "GET", ["commands"]:
            return world.commands
        case "DELETE", []:
            delete_webhook(world, {})
            world.clear()
            return {"deleted": True}
        case _:
            raise Refused(404, f"{request.method} {request.path} is not known here")


def _where(given: Json, person: Json) -> int:
    return int(given["chat"] if "chat" in given else person["id"])


def _update(world: World, given: Json) -> Json:
    return world.repeat(given["again"]) if "again" in given else world.hand_out(given)


def _fail(world: World, given: Json) -> Json:
    world.faults.append(Fault(**given))
    return {"faults": len(world.faults)}


def _write(world: World, given: Json) -> Json:
    person = shapes.user(given["from"])
    more: Json = {name: given[name] for name in ("text", "caption", "media_group_id") if name in given}
    if "text" in given and (entities := shapes.commands_in(given["text"])):
        more["entities"] = entities
    if "reply_to" in given:
        where = world.messages.get(_where(given, person), {})
        more["reply_to_message"] = where[given["reply_to"]]
    more |= {kind: _file(world, kind, given[kind]) for kind in FILES if kind in given}
    said = world.write(person, shapes.chat(person, given.get("chat")), **more)
    return world.push(str(given.get("as", "message")), said)


def _file(world: World, kind: str, given: Json) -> Any:
    data = base64.b64decode(given["data"]) if "data" in given else bytes(given["size"])
    usual = {"photo": "image/jpeg", "voice": "audio/ogg"}.get(kind, "application/octet-stream")
    more: Json = {"duration": given.get("duration", 3)} if kind in ("voice", "audio") else {}
    more |= {"width": 1280, "height": 960} if kind == "photo" else {}
    name = "" if kind in ("photo", "voice") else given.get("name", "file.bin")
    kept = world.keep(data, folder=f"{kind}s", name=name, mime_type=given.get("mime_type", usual), **more)
    if kind != "photo":
        return kept
    small = world.keep(data[:1], folder="photos", name="", mime_type="image/jpeg", width=90, height=67)
    return [{**small, "file_size": 1}, kept]


def _press(world: World, given: Json) -> Json:
    person = shapes.user(given["from"])
    where = _where(given, person)
    message = world.messages.get(where, {}).get(given["message_id"], {})
    data = given.get("data") or next(
        button["callback_data"]
        for row in message.get("reply_markup", {}).get("inline_keyboard", [])
        for button in row
        if given["button"] in button["text"]
    )
    query: Json = {"id": f"4382{len(world.queries):012d}", "from": person, "message": message, "chat_instance": "-3"}
    query["data"] = data
    if not message:
        query["message"] = {"chat": shapes.chat(person, where), "message_id": given["message_id"], "date": 0}
    world.queries[query["id"]] = dict(query)
    return world.push("callback_query", query)


def _block(world: World, given: Json) -> Json:
    person, blocked = shapes.user(given["from"]), bool(given.get("blocked", True))
    (world.blocked.add if blocked else world.blocked.discard)(person["id"])
    member = {"user": {"id": 0, "is_bot": True, "first_name": "Nexus"}}
    old, new = ("member", "kicked") if blocked else ("kicked", "member")
    return world.push(
        "my_chat_member",
        {
            "chat": shapes.chat(person), "from": person, "date": 0,
            "old_chat_member": {**member, "status": old, "until_date": 0},
            "new_chat_member": {**member, "status": new, "until_date": 0},
        },
    )  # fmt: skip


def _journal(world: World, query: dict[str, str]) -> list[Json]:
    after, method = int(query.get("after", 0)), query.get("method", "").lower()
    return [one for one in world.journal[after:] if not method or one["method"] == method]


POSTS = {"messages": _write, "presses": _press, "updates": _update, "blocked": _block, "faults": _fail}
