"""Everything that the double remembers: people, chats, messages, files, updates, and what was asked of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from apps.sandbox.telegram import shapes
from apps.sandbox.telegram.shapes import Json

FIRST_UPDATE = 100_000_001


class Refused(Exception):
    """The API refuses a call."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        self.status, self.description, self.parameters = status, description, parameters
        super().__init__(description)


@dataclass(kw_only=True, slots=True)
class Fault:
    """What shall go wrong, with which method, how often."""

    method: str = ""
    times: int = 1
    error_code: int = 500
    description: str = "Internal Server Error"
    parameters: Json = field(default_factory=dict)
    chat_id: int | None = None
    after: bool = False
    """The call is carried out first, and its answer lost."""


class World:
    """One bot and the people around it."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.updates: list[Json] = []
        self.again: list[Json] = []
        self.sent_updates: dict[int, Json] = {}
        self.chats: dict[int, Json] = {}
        self.messages: dict[int, dict[int, Json]] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.blocked: set[int] = set()
        self.queries: dict[str, Json] = {}
        self.webhook: Json = {}
        self.pushing: asyncio.Task[None] | None = None
        self.commands: dict[str, list[Json]] = {}
        self.journal: list[Json] = []
        self.faults: list[Fault] = []
        self.poller = 0
        self._update, self._message, self._file = FIRST_UPDATE - 1, 0, 0

    # --- updates ---

    def push(self, kind: str, told: Json) -> Json:
        """Something happened: an update for the bot."""
        self._update += 1
        return self.hand_out({"update_id": self._update, kind: told})

    def hand_out(self, update: Json) -> Json:
        """Put an update in line, whatever it holds."""
        self.updates.append(update)
        self.sent_updates[update.get("update_id", 0)] = update
        self.wake()
        return update

    def repeat(self, number: int) -> Json:
        """Hand an update out once more, confirmed or not."""
        if number not in self.sent_updates:
            raise Refused(404, f"there was no update {number}")
        self.again.append(self.sent_updates[number])
        self.wake()
        return self.sent_updates[number]

    def wake(self) -> None:
        """Whoever waits for news looks again."""
        self.news.set()
        self.news = asyncio.Event()

    # --- chats and messages ---

    def chat(self, number: Any) -> Json:
        """The chat that a call names. Refused where nobody has written, or whoever did has blocked the bot."""
        try:
            found = self.chats[int(number)]
        except (KeyError, TypeError, ValueError):
            raise Refused(400, "Bad Request: chat not found") from None
        if found["id"] in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return found

    def write(self, sender: Json, where: Json, **more: Any) -> Json:
        """A message in a chat, by whomever."""
        self.chats.setdefault(where["id"], where)
        self._message += 1
        made = shapes.message(self._message, sender, where, **more)
        self.messages.setdefault(where["id"], {})[self._message] = made
        return made

    def keep(self, data: bytes, *, folder: str, name: str, mime_type: str, **more: Any) -> Json:
        """A file, as a message names it."""
        self._file += 1
        made = shapes.file(self._file, data, name=name, mime_type=mime_type, **more)
        self.files[made["file_id"]] = (f"{folder}/file_{self._file}{_ending(name)}", data)
        return made

    def message(self, chat: Any, number: int | None) -> Json:
        """A message that is to be edited."""
        found = self.messages.get(self.chat(chat)["id"], {}).get(number or 0)
        if found is None:
            raise Refused(400, "Bad Request: message to edit not found")
        return found

    # --- faults and the journal ---

    def fault(self, method: str, chat: Any) -> Fault | None:
        """What shall go wrong with this call, if anything."""
        for one in self.faults:
            if one.times > 0 and one.method.lower() in ("", method) and str(one.chat_id or chat) == str(chat):
                one.times -= 1
                return one
        return None

    def note(self, method: str, params: Json) -> Json:
        """Write down a call; what is answered is added to the entry."""
        entry: Json = {"n": len(self.journal) + 1, "at": time.time(), "method": method, "params": params}
        self.journal.append(entry)
        return entry


def _ending(name: str) -> str:
    return "." + name.rpartition(".")[2] if "." in name else ""
