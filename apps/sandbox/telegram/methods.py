"""The methods, one function each: what Telegram does with a call, or why it does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from apps.sandbox.multipart import Part
from apps.sandbox.telegram import markup, webhook
from apps.sandbox.telegram.reading import Params, flag, number
from apps.sandbox.telegram.shapes import Json
from apps.sandbox.telegram.world import Refused, World

LONGEST = 4096
LONGEST_CAPTION = 1024
LARGEST_TO_FETCH = 20 * 1024 * 1024
ME = "me"
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


def send_message(world: World, params: Params) -> Json:
    """Say something in a chat."""
    where = world.chat(params.get("chat_id"))
    return world.write(params[ME], where, **_text(params, "text"), **_beside(world, params))


def send_document(world: World, params: Params) -> Json:
    """Send a file into a chat."""
    where, given = world.chat(params.get("chat_id")), params.get("document")
    if isinstance(given, str) and given.startswith("attach://"):
        given = params.get(given.removeprefix("attach://"))
    if not isinstance(given, Part) or not given.data:
        raise Refused(400, "Bad Request: there is no document in the request")
    kept = world.keep(
        given.data, folder="documents", name=given.filename or "file", mime_type=given.content_type
    )  # fmt: skip
    said = _text(params, "caption", most=LONGEST_CAPTION) if params.get("caption") else {}
    return world.write(params[ME], where, document=kept, **said, **_beside(world, params))


def edit_message_text(world: World, params: Params) -> Json:
    """Say something else in the same place; a keyboard that is not given again is gone."""
    found = _own(world, params)
    if "text" not in found:
        raise Refused(400, "Bad Request: there is no text in the message to edit")
    return _edit(found, _text(params, "text"), _keyboard(params))


def edit_message_reply_markup(world: World, params: Params) -> Json:
    """Give it another keyboard, or none."""
    return _edit(_own(world, params), {}, _keyboard(params))


def delete_message(world: World, params: Params) -> bool:
    """Take a message away."""
    try:
        found = world.message(params.get("chat_id"), number(params, "message_id"))
    except Refused as refused:
        raise Refused(refused.status, refused.description.replace("to edit", "to delete")) from None
    del world.messages[found["chat"]["id"]][found["message_id"]]
    return True


def answer_callback_query(world: World, params: Params) -> bool:
    """End the waiting of whoever pressed a button, with or without words."""
    found = world.queries.get(str(params.get("callback_query_id")))
    if found is None or "answered" in found:
        too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
        raise Refused(400, too_old)
    if markup.units(str(params.get("text", ""))) > 200:
        raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
    found["answered"] = {"text": params.get("text", ""), "show_alert": flag(params, "show_alert")}
    return True


def send_chat_action(world: World, params: Params) -> bool:
    """Show that something is being done."""
    world.chat(params.get("chat_id"))
    if not params.get("action"):
        raise Refused(400, "Bad Request: wrong parameter action in request")
    return True


def get_file(world: World, params: Params) -> Json:
    """Where a file can be fetched."""
    found = world.files.get(str(params.get("file_id")))
    if found is None:
        raise Refused(400, "Bad Request: invalid file_id")
    path, data = found
    if len(data) > LARGEST_TO_FETCH:
        raise Refused(400, "Bad Request: file is too big")
    return {"file_id": params["file_id"], "file_unique_id": "U", "file_size": len(data), "file_path": path}


def set_my_commands(world: World, params: Params) -> bool:
    """What the menu offers, in one language."""
    commands = params.get("commands")
    if not isinstance(commands, list) or any(not one.get("description") for one in commands):
        raise Refused(400, "Bad Request: can't parse commands")
    world.commands[str(params.get("language_code", ""))] = commands
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    """What the menu offers."""
    return world.commands.get(str(params.get("language_code", "")), [])


METHODS: dict[str, Callable[[World, Params], Any]] = {
    "getme": lambda world, params: params[ME],
    "sendmessage": send_message,
    "senddocument": send_document,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
    "getfile": get_file,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "setwebhook": webhook.set_webhook,
    "deletewebhook": webhook.delete_webhook,
    "getwebhookinfo": webhook.webhook_info,
}
"""By their names in lower case: Telegram does not mind. getUpdates waits, and is in polling.py."""


def _text(params: Params, name: str, *, most: int = LONGEST) -> Json:
    try:
        shown, entities = markup.read(str(params.get(name, "")), str(params.get("parse_mode", "")))
    except markup.Unreadable as error:
        raise Refused(400, f"Bad Request: can't parse entities: {error}") from None
    shown = shown.strip()
    if not shown:
        raise Refused(400, "Bad Request: message text is empty")
    if markup.units(shown) > most:
        raise Refused(400, "Bad Request: message is too long" if name == "text" else "Bad Request: caption is too long")
    return {name: shown} | ({f"{'caption_' if name == 'caption' else ''}entities": entities} if entities else {})


def _beside(world: World, params: Params) -> Json:
    """The keyboard, and the message that it answers."""
    found = _keyboard(params)
    reply = params.get("reply_parameters")
    if isinstance(reply, dict):
        chat = world.messages.get(int(params["chat_id"]), {})
        answered = chat.get(int(reply.get("message_id", 0)))
        if answered is None and not reply.get("allow_sending_without_reply"):
            raise Refused(400, "Bad Request: message to be replied not found")
        if answered is not None:
            found["reply_to_message"] = {k: v for k, v in answered.items() if k != "reply_to_message"}
    return found


def _keyboard(params: Params) -> Json:
    given = params.get("reply_markup")
    if not isinstance(given, dict):
        return {}
    for button in (button for row in given.get("inline_keyboard", []) for button in row):
        data = button.get("callback_data")
        if data is not None and not 1 <= len(str(data).encode()) <= 64:
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    if given.get("force_reply"):
        return {"_force_reply": True}  # for whoever looks at the chat: Telegram tells the bot of inline keyboards alone
    return {"reply_markup": given} if given.get("inline_keyboard") else {}


def _own(world: World, params: Params) -> Json:
    found = world.message(params.get("chat_id"), number(params, "message_id"))
    if found["from"] != params[ME]:
        raise Refused(400, "Bad Request: message can't be edited")
    return found


def _edit(found: Json, words: Json, keyboard: Json) -> Json:
    before = {name: found.get(name) for name in ("text", "entities", "reply_markup")}
    after = {**before, **(words and {"text": None, "entities": None}), **words}
    after["reply_markup"] = keyboard.get("reply_markup")
    if before == after:
        raise Refused(400, NOT_MODIFIED)
    for name, value in after.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = value
    found["edit_date"] = int(time.time())
    return found
