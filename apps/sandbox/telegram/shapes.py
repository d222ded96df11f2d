"""Users, chats, messages and files as the API writes them. Pure but for the clock."""

from __future__ import annotations

import time
from typing import Any

Json = dict[str, Any]


def bot(number: int) -> Json:
    """What getMe says."""
    return {
        "id": number, "is_bot": True, "first_name": "Nexus", "username": "nexus_bot", "can_join_groups": True,
        "can_read_all_group_messages": False, "supports_inline_queries": False,
    }  # fmt: skip


def user(given: int | Json) -> Json:
    """A person: by number alone, or with what is said of them."""
    told = {"id": given} if isinstance(given, int) else dict(given)
    name = f"user{told['id']}"
    return {"is_bot": False, "first_name": name.capitalize(), "username": name, "language_code": "en"} | told


def chat(person: Json, number: int | None = None) -> Json:
    """The private chat with them, or the group with that number."""
    if number is not None and number != person["id"]:
        return {"id": number, "type": "group", "title": f"Group {number}"}
    known: Json = {name: person[name] for name in ("first_name", "username") if name in person}
    return {"id": person["id"], "type": "private", **known}


def message(number: int, sender: Json, where: Json, **more: Any) -> Json:
    """A message, now."""
    return {"message_id": number, "from": sender, "chat": where, "date": int(time.time()), **more}


def commands_in(text: str) -> list[Json]:
    """The entity of a command that begins the text."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return [{"type": "bot_command", "offset": 0, "length": len(first)}] if first.startswith("/") else []


def file(number: int, data: bytes, *, name: str, mime_type: str, **more: Any) -> Json:
    """A file as a message names it."""
    said = {"file_name": name} if name else {}
    return {
        "file_id": f"SANDBOX-{number:06d}", "file_unique_id": f"U{number:06d}", "file_size": len(data),
        "mime_type": mime_type, **said, **more,
    }  # fmt: skip
